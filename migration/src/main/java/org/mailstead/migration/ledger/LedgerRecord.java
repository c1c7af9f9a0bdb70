package org.mailstead.migration.ledger;

import java.time.Instant;
import java.util.Set;
import org.mailstead.migration.item.Fingerprint;

/// One line of a ledger. Folders are numbered by their own records.
public sealed interface LedgerRecord {
  /// The first record: which mailboxes this is about.
  record Opened(String source, String target, Instant at) implements LedgerRecord {}

  /// @param key and `validity` as the source has them; another validity starts another number
  record SourceFolder(int folder, String key, String validity, String path)
      implements LedgerRecord {}

  record TargetFolder(int folder, String key, String validity, String path)
      implements LedgerRecord {}

  /// The item is going to be written. Durable before the first octet goes to the target.
  ///
  /// @param position of the target folder before the write
  record Intent(
      int folder,
      String id,
      int targetFolder,
      Fingerprint fingerprint,
      Set<String> flags,
      Instant received,
      String position)
      implements LedgerRecord {}

  /// The target has acknowledged it, or it was found there.
  ///
  /// @param targetId empty if the target did not say
  /// @param repair what was changed for the target to take it; empty for nothing
  record Written(int folder, String id, String targetId, String repair) implements LedgerRecord {}

  /// An intent that did not come true: the item is as if never touched.
  record Withdrawn(int folder, String id) implements LedgerRecord {}

  /// It cannot be moved; its octets lie in the quarantine folder if they could be read.
  record Quarantined(int folder, String id, String reason) implements LedgerRecord {}

  /// Left out on purpose, by a filter.
  record Skipped(int folder, String id, String reason) implements LedgerRecord {}

  /// It was moved within the source: its copy is to be removed from the old place, whatever the
  /// settings say about items that went away.
  record Leaving(int folder, String id) implements LedgerRecord {}

  /// The same item has another folder number or id now: its copy stays where it is. One record, so
  /// that no crash leaves the copy with two owners or none.
  record Renumbered(int oldFolder, String oldId, int folder, String id) implements LedgerRecord {}

  /// The source's flags as they were last carried over.
  record FlagsSet(int folder, String id, Set<String> flags) implements LedgerRecord {}

  /// It went away at the source, and with it at the target if the settings say so.
  record Gone(int folder, String id) implements LedgerRecord {}

  /// Read again from the target and compared.
  ///
  /// @param difference empty if there is none
  record Verified(int folder, String id, String difference) implements LedgerRecord {}

  /// All changes up to this token are carried over.
  record Token(int folder, String token) implements LedgerRecord {}
}
