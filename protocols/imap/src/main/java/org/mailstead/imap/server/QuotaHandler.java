package org.mailstead.imap.server;

import java.io.IOException;
import java.util.Optional;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ResponseWriter;

/// GETQUOTA, GETQUOTAROOT (LIM-2): one root per mailbox, `""` for the own one and the owner's name
/// in the namespace for those of others.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9208 RFC 9208 §4.1
final class QuotaHandler {
  private static final String OTHERS = Account.OTHER_USERS + Account.DELIMITER;

  private final ResponseWriter writer;

  QuotaHandler(ResponseWriter writer) {
    this.writer = writer;
  }

  Answer getQuota(Account account, ImapCommand.GetQuota command) throws IOException {
    Optional<Mailbox> mailbox = findRoot(account, command.root());
    if (mailbox.isEmpty()) return Answer.no("NONEXISTENT", "there is no such quota root");
    writeQuota(command.root(), mailbox.get());
    return Answer.ok("done");
  }

  Answer getQuotaRoot(Account account, ImapCommand.GetQuotaRoot command) throws IOException {
    Account.Target target = account.load(command.mailbox());
    target.require(Right.READ);
    String root = target.place().owner().map(owner -> OTHERS + owner.name()).orElse("");
    writer.text("* QUOTAROOT ").mailbox(command.mailbox()).space().string(root).crlf();
    writeQuota(root, target.mailbox());
    return Answer.ok("done");
  }

  private static Optional<Mailbox> findRoot(Account account, String root) {
    if (root.isEmpty()) return Optional.of(account.own());
    for (OtherMailbox other : account.others()) {
      if (other.fullAccess() && root.equalsIgnoreCase(OTHERS + other.name())) {
        return Optional.of(account.open(other));
      }
    }
    return Optional.empty();
  }

  /// In units of 1024 octets (RFC 9208 §5.1).
  private void writeQuota(String root, Mailbox mailbox) throws IOException {
    writer.text("* QUOTA ").string(root).text(" (STORAGE ");
    writer.number((mailbox.usedBytes() + 1023) / 1024).space();
    writer.number(mailbox.quotaBytes() / 1024).text(")\r\n");
  }
}
