package org.mailstead.migration.plan;

import java.nio.file.Path;
import java.util.List;
import org.mailstead.migration.transfer.TransferSettings;

/// Everything that the settings file says.
///
/// @param work where ledgers, quarantine, status and reports are
/// @param mailboxesAtOnce mailboxes in work at the same time
public record MigrationSettings(
    Path work,
    EndSettings source,
    EndSettings target,
    List<MailboxEntry> mailboxes,
    int mailboxesAtOnce,
    TransferSettings transfer,
    FolderRules folders,
    SpamFilter filter,
    CutoverSettings cutover) {
  public static final int MAILBOXES_AT_ONCE_MAX = 100;

  public Path ledgerFolder() {
    return work.resolve("ledgers");
  }

  public Path quarantineFolder() {
    return work.resolve("quarantine");
  }

  /// The ledger of one mailbox: a name that no two pairs share.
  public Path ledger(MailboxEntry mailbox) {
    return ledgerFolder().resolve(fileName(mailbox) + ".ledger");
  }

  /// A file name for a mailbox: readable, and unambiguous by a hash.
  public static String fileName(MailboxEntry mailbox) {
    String text = mailbox.source() + "--" + mailbox.target();
    String readable = text.replaceAll("[^A-Za-z0-9@._-]", "_");
    String shortened = readable.length() > 100 ? readable.substring(0, 100) : readable;
    return "%s-%08x".formatted(shortened, hash(text));
  }

  private static int hash(String text) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
