package org.mailstead.imap.server;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.SpecialUse;
import org.mailstead.imap.wire.ImapCommand;

/// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE.
final class FolderHandler {
  FolderHandler() {}

  Answer create(Account account, ImapCommand.Create command) {
    Account.Place place = place(account, command.mailbox());
    Optional<SpecialUse> use = Optional.empty();
    if (!command.uses().isEmpty()) {
      use = findUse(command.uses());
      // RFC 6154 §3: all that was asked for, or nothing.
      if (use.isEmpty() || !place.isOwn()) {
        return Answer.no("USEATTR", "this special use cannot be given");
      }
    }
    requireCreate(account, place);
    Folder folder;
    try {
      folder = place.mailbox().createFolder(place.path(), use);
    } catch (RefusedException e) {
      boolean taken = e.refusal() == Refusal.ALREADY_EXISTS && use.isPresent();
      if (!taken || place.mailbox().findFolder(place.path()).isPresent()) throw e;
      // RFC 6154 §3: the name is free, the use is not.
      return Answer.no("USEATTR", e.publicText());
    }
    return Answer.ok("MAILBOXID (" + ObjectIds.of(folder.id(), place) + ")", "created");
  }

  Answer delete(Account account, ImapCommand.Delete command) {
    Account.Target target = account.load(command.mailbox());
    target.require(Right.DELETE_FOLDER);
    try {
      target.mailbox().deleteFolder(target.folder().id());
    } catch (RefusedException e) {
      if (e.refusal() != Refusal.IN_USE) throw e;
      return Answer.no("HASCHILDREN", e.publicText());
    }
    return Answer.ok("deleted");
  }

  Answer rename(Account account, ImapCommand.Rename command) {
    Account.Target source = account.load(command.from());
    Account.Place target = place(account, command.to());
    if (!target.mailbox().id().equals(source.mailbox().id())) {
      return Answer.no("CANNOT", "a mailbox cannot be renamed into another user's");
    }
    source.require(Right.DELETE_FOLDER);
    requireCreate(account, target);
    source.mailbox().renameFolder(source.folder().id(), target.path());
    return Answer.ok("renamed");
  }

  Answer subscribe(Account account, ImapCommand.Subscribe command) {
    List<String> path = Account.path(command.mailbox());
    requireName(path);
    account.own().subscribe(path, true);
    return Answer.ok("subscribed");
  }

  Answer unsubscribe(Account account, ImapCommand.Unsubscribe command) {
    account.own().subscribe(Account.path(command.mailbox()), false);
    return Answer.ok("unsubscribed");
  }

  private static Optional<SpecialUse> findUse(List<String> uses) {
    if (uses.size() != 1) return Optional.empty();
    String wanted = uses.getFirst().toLowerCase(Locale.ROOT);
    for (SpecialUse use : SpecialUse.values()) {
      if (use.attribute().toLowerCase(Locale.ROOT).equals(wanted)) return Optional.of(use);
    }
    return Optional.empty();
  }

  private static Account.Place place(Account account, String name) {
    Account.Place place =
        account
            .findPlace(name)
            .orElseThrow(
                () -> new RefusedException(Refusal.FORBIDDEN, "no mailbox can be made there"));
    requireName(place.path());
    return place;
  }

  private static void requireName(List<String> path) {
    for (String segment : path) {
      if (segment.isEmpty()) {
        throw new RefusedException(Refusal.INVALID, "a mailbox name must not have empty parts");
      }
    }
  }

  /// RFC 4314 §4: `k` on the nearest parent that exists; at the top only the owner makes folders.
  private static void requireCreate(Account account, Account.Place place) {
    if (place.isOwn()) return;
    for (int depth = place.path().size() - 1; depth > 0; depth--) {
      Optional<Folder> parent = place.mailbox().findFolder(place.path().subList(0, depth));
      if (parent.isEmpty()) continue;
      Set<Right> rights = account.rights(place, parent.get());
      if (rights.contains(Right.CREATE_FOLDERS)) return;
      throw new RefusedException(Refusal.FORBIDDEN, "you have no right to do this here");
    }
    if (place.owner().filter(owner -> owner.fullAccess()).isPresent()) return;
    throw new RefusedException(Refusal.FORBIDDEN, "you have no right to do this here");
  }
}
