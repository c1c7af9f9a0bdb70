package org.mailstead.migration.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.files.BucketArchives;
import org.mailstead.migration.files.EmlTree;
import org.mailstead.migration.files.Maildir;
import org.mailstead.migration.files.Mbox;
import org.mailstead.migration.files.ZipTarget;
import org.mailstead.migration.files.ZipTree;
import org.mailstead.migration.imap.ImapLogin;
import org.mailstead.migration.imap.ImapMailbox;
import org.mailstead.migration.imap.Secret;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.plan.EndSettings;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.SettingsFault;

/// Opens mailboxes as the settings say.
public final class Ends {
  private Ends() {}

  public static Source source(EndSettings end, MailboxEntry mailbox, ContentSpool spool)
      throws IOException {
    return switch (end) {
      case EndSettings.Archives(BucketArchives archives) ->
          archives.source(mailbox.source(), spool);
      case EndSettings.Imap imap ->
          imap(imap, mailbox.source(), mailbox.sourcePassword(), "source", spool);
      case EndSettings.Files(EndSettings.FileKind kind, Path folder) -> {
        Path path = inside(folder, mailbox.source());
        yield switch (kind) {
          case EML -> new EmlTree(path);
          case ZIP -> new ZipTree(path, spool);
          case MAILDIR -> new Maildir(path);
          case MBOX -> new Mbox(path, spool);
        };
      }
    };
  }

  static Target target(EndSettings end, MailboxEntry mailbox, ContentSpool spool)
      throws IOException {
    return switch (end) {
      case EndSettings.Archives(BucketArchives archives) ->
          archives.target(mailbox.target(), spool);
      case EndSettings.Imap imap ->
          imap(imap, mailbox.target(), mailbox.targetPassword(), "target", spool);
      case EndSettings.Files(EndSettings.FileKind kind, Path folder) -> {
        Path path = inside(folder, mailbox.target());
        yield switch (kind) {
          case EML -> new EmlTree(path);
          case MAILDIR -> new Maildir(path);
          case ZIP -> new ZipTarget(path, spool);
          case MBOX -> new Mbox(path, spool);
        };
      }
    };
  }

  /// A mailbox's name must not lead out of its folder.
  private static Path inside(Path folder, String name) {
    Path root = folder.toAbsolutePath().normalize();
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) throw new SettingsFault("'" + name + "' is not below " + root);
    return path;
  }

  private static ImapMailbox imap(
      EndSettings.Imap end, String user, Optional<Secret> own, String which, ContentSpool spool) {
    return new ImapMailbox(end.server(), login(end, user, own, which), spool);
  }

  /// How one user's mailbox is opened.
  ///
  /// @param which end it is, for a fault
  public static ImapLogin login(
      EndSettings.Imap end, String user, Optional<Secret> own, String which) {
    return switch (end.login()) {
      case EndSettings.Login.Own(Optional<Secret> all) ->
          new ImapLogin.Password(
              user,
              own.or(() -> all)
                  .orElseThrow(() -> new SettingsFault("no " + which + " password for " + user)));
      case EndSettings.Login.Administrator(String name, Secret password) ->
          own.isPresent()
              ? new ImapLogin.Password(user, own.get())
              : new ImapLogin.Administrator(user, name, password);
      case EndSettings.Login.ClientCredentials(var tokens) -> new ImapLogin.Bearer(user, tokens);
    };
  }
}
