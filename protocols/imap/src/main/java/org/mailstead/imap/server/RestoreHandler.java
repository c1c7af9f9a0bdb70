package org.mailstead.imap.server;

import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.Uid;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.KeptIds;
import org.mailstead.imap.wire.ImapCommand;

/// XMAILSTEAD-RESTORE: what makes a migration from another server keep UIDVALIDITYs and UIDs, so
/// that the caches of clients stay valid. Announced to, and open to, a migration administrator who
/// acts as a user, in that user's own mailbox.
final class RestoreHandler {
  private RestoreHandler() {}

  static boolean mayRestore(Account account) {
    return account.principal().actor().isPresent();
  }

  static Answer restore(Account account, ImapCommand.Restore command) {
    Account.Target target = account.load(command.mailbox());
    require(account, target);
    Folder folder =
        target
            .mailbox()
            .keepNumbers(target.folder().id(), command.uidValidity(), command.uidNext());
    return Answer.ok("UIDVALIDITY " + folder.uidValidity(), "numbers are kept");
  }

  /// What a message is to keep.
  ///
  /// @throws RefusedException FORBIDDEN
  static Optional<KeptIds> kept(
      Account account, Account.Target target, Optional<ImapCommand.KeptNumbers> asked) {
    if (asked.isEmpty()) return Optional.empty();
    require(account, target);
    return Optional.of(
        new KeptIds(
            new Uid(asked.get().uid()),
            ObjectIds.parse('M', asked.get().emailId(), target.place())));
  }

  private static void require(Account account, Account.Target target) {
    if (!mayRestore(account) || !target.isOwn()) {
      throw new RefusedException(
          Refusal.FORBIDDEN, "only a migration administrator restores numbers");
    }
  }
}
