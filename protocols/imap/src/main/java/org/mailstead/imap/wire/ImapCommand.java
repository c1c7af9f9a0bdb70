package org.mailstead.imap.wire;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailstead.base.Content;

/// A command as it was read from the network: grammar checked, nothing else. Mailbox names are
/// decoded to Unicode.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6
public sealed interface ImapCommand {
  // Any state.
  record Capability() implements ImapCommand {}

  record Noop() implements ImapCommand {}

  record Logout() implements ImapCommand {}

  /// RFC 2971.
  record Id(Map<String, String> fields) implements ImapCommand {}

  // Not authenticated.
  record StartTls() implements ImapCommand {}

  /// @param initial the initial response (RFC 4959), still in base64, `=` for an empty one
  record Authenticate(String mechanism, Optional<String> initial) implements ImapCommand {
    @Override
    public String toString() {
      return "Authenticate[" + mechanism + "]";
    }
  }

  record Login(String name, String password) implements ImapCommand {
    @Override
    public String toString() {
      return "Login[***]";
    }
  }

  // Authenticated.
  record Enable(List<String> capabilities) implements ImapCommand {}

  /// SELECT and EXAMINE.
  record Select(String mailbox, boolean readOnly, boolean condstore, Optional<QResync> qresync)
      implements ImapCommand {}

  /// RFC 7162 §3.2.5: what the client knew when it last looked.
  record QResync(
      long uidValidity,
      long modSeq,
      Optional<MessageSet> knownUids,
      Optional<MessageSet> matchSequences,
      Optional<MessageSet> matchUids) {}

  /// @param uses special-use attributes asked for (RFC 6154 §3)
  record Create(String mailbox, List<String> uses) implements ImapCommand {}

  record Delete(String mailbox) implements ImapCommand {}

  record Rename(String from, String to) implements ImapCommand {}

  record Subscribe(String mailbox) implements ImapCommand {}

  record Unsubscribe(String mailbox) implements ImapCommand {}

  /// LIST, with the options of RFC 5258, 5819 and 6154.
  ///
  /// @param extended whether options were used, so that only what was asked for is returned
  record ListFolders(
      Set<ListSelection> selections,
      String reference,
      List<String> patterns,
      Set<ListReturn> returns,
      List<StatusItem> statusItems,
      boolean extended)
      implements ImapCommand {}

  enum ListSelection {
    SUBSCRIBED,
    REMOTE,
    RECURSIVEMATCH,
    SPECIAL_USE
  }

  enum ListReturn {
    SUBSCRIBED,
    CHILDREN,
    SPECIAL_USE
  }

  record Lsub(String reference, String pattern) implements ImapCommand {}

  record Namespace() implements ImapCommand {}

  record Status(String mailbox, List<StatusItem> items) implements ImapCommand {}

  enum StatusItem {
    MESSAGES("MESSAGES"),
    RECENT("RECENT"),
    UIDNEXT("UIDNEXT"),
    UIDVALIDITY("UIDVALIDITY"),
    UNSEEN("UNSEEN"),
    DELETED("DELETED"),
    SIZE("SIZE"),
    HIGHESTMODSEQ("HIGHESTMODSEQ"),
    MAILBOXID("MAILBOXID"),
    APPENDLIMIT("APPENDLIMIT"),
    DELETED_STORAGE("DELETED-STORAGE");

    private final String wireName;

    StatusItem(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }
  }

  /// APPEND of one or more messages; whoever executes it closes their contents.
  record Append(String mailbox, List<AppendMessage> messages) implements ImapCommand {}

  record AppendMessage(
      FlagList flags,
      Optional<Instant> received,
      Content content,
      boolean hasNul,
      Optional<KeptNumbers> kept) {}

  /// What a message is to keep: `XMAILSTEAD-RESTORE (UID 5 EMAILID M12)` behind the date, in the
  /// place that RFC 4466 §2.5 has for extensions.
  ///
  /// @param emailId empty if it does not matter
  record KeptNumbers(long uid, String emailId) {}

  /// `XMAILSTEAD-RESTORE <mailbox> (UIDVALIDITY n UIDNEXT n)`.
  record Restore(String mailbox, long uidValidity, long uidNext) implements ImapCommand {}

  /// @param flags bits of core's `Flags`
  record FlagList(int flags, Set<String> keywords) {
    public static final FlagList NONE = new FlagList(0, Set.of());
  }

  record Idle() implements ImapCommand {}

  record GetQuota(String root) implements ImapCommand {}

  record GetQuotaRoot(String mailbox) implements ImapCommand {}

  record SetQuota(String root) implements ImapCommand {}

  record SetAcl(String mailbox, String identifier, String rights) implements ImapCommand {}

  record DeleteAcl(String mailbox, String identifier) implements ImapCommand {}

  record GetAcl(String mailbox) implements ImapCommand {}

  record ListRights(String mailbox, String identifier) implements ImapCommand {}

  record MyRights(String mailbox) implements ImapCommand {}

  // Selected.
  record Check() implements ImapCommand {}

  record Close() implements ImapCommand {}

  record Unselect() implements ImapCommand {}

  /// EXPUNGE, or UID EXPUNGE (RFC 4315) when there are UIDs.
  record Expunge(Optional<MessageSet> uids) implements ImapCommand {}

  record Search(boolean byUid, SearchProgram program) implements ImapCommand {}

  record Sort(boolean byUid, List<SortCriterion> criteria, SearchProgram program)
      implements ImapCommand {}

  record Threads(boolean byUid, ThreadAlgorithm algorithm, SearchProgram program)
      implements ImapCommand {}

  enum ThreadAlgorithm {
    ORDEREDSUBJECT,
    REFERENCES
  }

  record SortCriterion(SortField field, boolean reverse) {}

  enum SortField {
    ARRIVAL,
    CC,
    DATE,
    FROM,
    SIZE,
    SUBJECT,
    TO
  }

  /// @param returns empty without RETURN
  record SearchProgram(Optional<Set<SearchReturn>> returns, SearchKey key) {}

  enum SearchReturn {
    MIN,
    MAX,
    ALL,
    COUNT,
    SAVE
  }

  /// @param changedSince RFC 7162 §3.1.4.1
  /// @param vanished RFC 7162 §3.2.6
  record Fetch(
      boolean byUid,
      MessageSet messages,
      List<FetchItem> items,
      OptionalLong changedSince,
      boolean vanished)
      implements ImapCommand {}

  record Store(
      boolean byUid,
      MessageSet messages,
      StoreMode mode,
      boolean silent,
      FlagList flags,
      OptionalLong unchangedSince)
      implements ImapCommand {}

  enum StoreMode {
    ADD,
    REMOVE,
    REPLACE
  }

  record Copy(boolean byUid, MessageSet messages, String target) implements ImapCommand {}

  record Move(boolean byUid, MessageSet messages, String target) implements ImapCommand {}
}
