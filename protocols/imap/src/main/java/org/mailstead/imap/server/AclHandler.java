package org.mailstead.imap.server;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ResponseWriter;

/// Folder permissions (PRM-2). Identifiers are primary addresses, or `anyone` for every user of the
/// organization. The owner always has all rights; they cannot be taken away.
///
/// @spec https://www.rfc-editor.org/rfc/rfc4314 RFC 4314
final class AclHandler {
  private static final String ANYONE = "anyone";

  private final ResponseWriter writer;

  AclHandler(ResponseWriter writer) {
    this.writer = writer;
  }

  Answer setAcl(Account account, ImapCommand.SetAcl command) {
    Account.Target target = administered(account, command.mailbox());
    char sign = command.rights().isEmpty() ? '=' : command.rights().charAt(0);
    boolean relative = sign == '+' || sign == '-';
    Set<Right> rights = parse(command.rights().substring(relative ? 1 : 0));
    if (isOwner(account, target, command.identifier())) {
      return Answer.no("CANNOT", "the owner always has all rights");
    }
    EntityId grantee = grantee(account, command.identifier());
    Set<Right> result = rights;
    if (relative) {
      result = EnumSet.noneOf(Right.class);
      result.addAll(
          target.mailbox().folderPermissions(target.folder().id()).getOrDefault(grantee, Set.of()));
      if (sign == '+') result.addAll(rights);
      else result.removeAll(rights);
    }
    set(account, target, grantee, result);
    return Answer.ok("done");
  }

  Answer deleteAcl(Account account, ImapCommand.DeleteAcl command) {
    Account.Target target = administered(account, command.mailbox());
    if (isOwner(account, target, command.identifier())) {
      return Answer.no("CANNOT", "the owner always has all rights");
    }
    EntityId grantee = grantee(account, command.identifier());
    set(account, target, grantee, Set.of());
    return Answer.ok("done");
  }

  private static void set(
      Account account, Account.Target target, EntityId grantee, Set<Right> rights) {
    account
        .sharing()
        .setFolderPermission(
            account.principal(), target.mailbox().id(), target.folder().id(), grantee, rights);
  }

  Answer getAcl(Account account, ImapCommand.GetAcl command) throws IOException {
    Account.Target target = administered(account, command.mailbox());
    writer.text("* ACL ").mailbox(command.mailbox());
    writer.space().string(ownerName(account, target)).space();
    writer.text(text(EnumSet.allOf(Right.class)));
    Map<EntityId, Set<Right>> entries = target.mailbox().folderPermissions(target.folder().id());
    for (Map.Entry<EntityId, Set<Right>> entry : entries.entrySet()) {
      writer.space().string(identifier(account, entry.getKey())).space();
      writer.text(text(entry.getValue()));
    }
    writer.crlf();
    return Answer.ok("done");
  }

  Answer listRights(Account account, ImapCommand.ListRights command) throws IOException {
    Account.Target target = administered(account, command.mailbox());
    writer.text("* LISTRIGHTS ").mailbox(command.mailbox());
    writer.space().string(command.identifier()).space();
    if (isOwner(account, target, command.identifier())) {
      writer.text(text(EnumSet.allOf(Right.class)));
    } else {
      grantee(account, command.identifier());
      writer.text("\"\" l r s w i p k x t e a");
    }
    writer.crlf();
    return Answer.ok("done");
  }

  Answer myRights(Account account, ImapCommand.MyRights command) throws IOException {
    Account.Target target = account.load(command.mailbox());
    writer.text("* MYRIGHTS ").mailbox(command.mailbox()).space();
    writer.text(text(target.rights())).crlf();
    return Answer.ok("done");
  }

  private static Account.Target administered(Account account, String mailbox) {
    Account.Target target = account.load(mailbox);
    target.require(Right.ADMINISTER);
    return target;
  }

  private static String ownerName(Account account, Account.Target target) {
    return target
        .place()
        .owner()
        .map(owner -> owner.name())
        .orElse(account.principal().primaryAddress().toString());
  }

  private static boolean isOwner(Account account, Account.Target target, String identifier) {
    return identifier.equalsIgnoreCase(ownerName(account, target));
  }

  private static EntityId grantee(Account account, String identifier) {
    if (identifier.equals(ANYONE)) return Mailbox.ANYONE;
    // RFC 4314 §2: negative rights are optional; here a right is given or not.
    if (identifier.startsWith("-")) {
      throw new RefusedException(Refusal.NOT_SUPPORTED, "negative rights are not supported");
    }
    return account
        .sharing()
        .findGrantee(account.principal(), identifier)
        .orElseThrow(() -> new RefusedException(Refusal.INVALID, "no such user or group"));
  }

  private static String identifier(Account account, EntityId grantee) {
    if (grantee.equals(Mailbox.ANYONE)) return ANYONE;
    return account.sharing().findIdentifier(account.principal(), grantee).orElse(grantee.value());
  }

  static Set<Right> parse(String letters) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      switch (letter) {
        // RFC 4314 §2.1.1: the rights of RFC 2086 stand for what became of them.
        case 'c' -> rights.add(Right.CREATE_FOLDERS);
        case 'd' -> {
          rights.add(Right.DELETE_FOLDER);
          rights.add(Right.DELETE_MESSAGES);
          rights.add(Right.EXPUNGE);
        }
        default -> rights.add(right(letter));
      }
    }
    return rights;
  }

  private static Right right(char letter) {
    for (Right right : Right.values()) if (right.letter() == letter) return right;
    throw new MalformedException("unknown right");
  }

  /// RFC 4314 §2.1.1: old clients are told `c` and `d` as well.
  static String text(Set<Right> rights) {
    StringBuilder out = new StringBuilder();
    for (Right right : Right.values()) if (rights.contains(right)) out.append(right.letter());
    if (rights.contains(Right.CREATE_FOLDERS)) out.append('c');
    if (rights.contains(Right.DELETE_FOLDER)
        || rights.contains(Right.DELETE_MESSAGES)
        || rights.contains(Right.EXPUNGE)) {
      out.append('d');
    }
    return out.isEmpty() ? "\"\"" : out.toString();
  }
}
