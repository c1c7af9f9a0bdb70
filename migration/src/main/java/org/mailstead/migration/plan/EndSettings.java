package org.mailstead.migration.plan;

import java.nio.file.Path;
import java.util.Optional;
import org.mailstead.migration.files.BucketArchives;
import org.mailstead.migration.imap.ImapServerAddress;
import org.mailstead.migration.imap.Secret;
import org.mailstead.migration.imap.TokenSource;

/// One end of a migration: the source or the target.
public sealed interface EndSettings {
  /// Mailboxes of an IMAP server.
  record Imap(ImapServerAddress server, Login login) implements EndSettings {}

  /// Mailboxes in files below a folder; each mailbox is named relative to it.
  record Files(FileKind kind, Path folder) implements EndSettings {}

  /// Zip archives in a bucket; each mailbox is the name of an object behind the prefix.
  record Archives(BucketArchives archives) implements EndSettings {}

  /// How mailboxes are opened.
  sealed interface Login {
    /// Each with its own password, or all with this one.
    record Own(Optional<Secret> password) implements Login {}

    record Administrator(String name, Secret password) implements Login {}

    record ClientCredentials(TokenSource tokens) implements Login {}
  }

  /// The forms of mailboxes in files.
  enum FileKind {
    /// A tree of folders with one `.eml` file for each message.
    EML,
    /// A zip archive of such a tree: WorkMail's mailbox export.
    ZIP,
    MAILDIR,
    MBOX
  }
}
