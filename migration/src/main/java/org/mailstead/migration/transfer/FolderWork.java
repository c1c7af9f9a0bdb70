package org.mailstead.migration.transfer;

import java.util.List;
import java.util.Set;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.ledger.LedgerEntry;

/// What is to be done for one source folder.
///
/// @param folder its number in the ledger
/// @param newItems to be written
/// @param flagChanges entries whose source flags are different now
/// @param vanished entries that the source does not list any more
/// @param listedCount how many items the folder has now, -1 if the listing did not say
record FolderWork(
    FolderPair pair,
    int folder,
    List<ItemSummary> newItems,
    List<FlagChange> flagChanges,
    List<LedgerEntry> vanished,
    long listedCount,
    String token) {
  record FlagChange(LedgerEntry entry, Set<String> flags) {}

  long newBytes() {
    long bytes = 0;
    for (ItemSummary item : newItems) bytes += Math.max(0, item.sizeBytes());
    return bytes;
  }
}
