package org.mailstead.imap.client;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.imap.wire.MessageSet;

/// What the client can ask a server.
public sealed interface ClientCommand {
  record Noop() implements ClientCommand {}

  record Capability() implements ClientCommand {}

  record Logout() implements ClientCommand {}

  record Login(String name, String password) implements ClientCommand {
    @Override
    public String toString() {
      return "Login[***]";
    }
  }

  /// SASL with an initial response; sent with the command where the server has SASL-IR, on request
  /// otherwise. A second request (XOAUTH2 explains a refusal so) is answered with an empty line.
  record Authenticate(String mechanism, byte[] initialResponse) implements ClientCommand {
    @Override
    public String toString() {
      return "Authenticate[" + mechanism + ", ***]";
    }
  }

  /// RFC 2971: names and values in turn.
  record Id(List<String> pairs) implements ClientCommand {}

  record Enable(List<String> capabilities) implements ClientCommand {}

  record Namespace() implements ClientCommand {}

  record ListFolders(String reference, String pattern, List<String> returns)
      implements ClientCommand {}

  record Lsub(String reference, String pattern) implements ClientCommand {}

  record Status(String mailbox, List<String> items) implements ClientCommand {}

  record Select(String mailbox, boolean readOnly) implements ClientCommand {}

  /// @param parameters such as `(CONDSTORE)`
  record SelectWith(String mailbox, boolean readOnly, String parameters) implements ClientCommand {}

  record Unselect() implements ClientCommand {}

  record Close() implements ClientCommand {}

  record Create(String mailbox) implements ClientCommand {}

  record Delete(String mailbox) implements ClientCommand {}

  record Subscribe(String mailbox) implements ClientCommand {}

  /// Several messages need MULTIAPPEND.
  record Append(String mailbox, List<Message> messages) implements ClientCommand {}

  /// @param extension behind the date (RFC 4466 §2.5), such as `XMAILSTEAD-RESTORE (UID 5)`; empty
  ///   for none
  record Message(Set<String> flags, Optional<Instant> received, String extension, Content content) {
    public Message(Set<String> flags, Optional<Instant> received, Content content) {
      this(flags, received, "", content);
    }
  }

  /// Mailstead's own: numbers that a folder is to keep.
  record Restore(String mailbox, long uidValidity, long uidNext) implements ClientCommand {}

  record UidFetch(MessageSet uids, List<String> items) implements ClientCommand {}

  /// RFC 7162 §3.1.4: what has changed since a mod-sequence.
  ///
  /// @param vanished whether to name expunged messages too, which needs QRESYNC enabled
  record UidFetchChanged(MessageSet uids, List<String> items, long modSeq, boolean vanished)
      implements ClientCommand {}

  /// @param item such as `+FLAGS.SILENT`
  record UidStore(MessageSet uids, String item, Set<String> flags) implements ClientCommand {}

  record UidCopy(MessageSet uids, String mailbox) implements ClientCommand {}

  record UidMove(MessageSet uids, String mailbox) implements ClientCommand {}

  record UidExpunge(MessageSet uids) implements ClientCommand {}

  /// @param keys in the grammar of SEARCH, ASCII
  record UidSearch(String keys) implements ClientCommand {}
}
