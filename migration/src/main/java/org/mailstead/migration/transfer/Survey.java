package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;

/// Compares a source folder with what the ledger knows of it: what is new, changed, gone.
final class Survey {
  private final Source source;
  private final Ledger ledger;
  private final boolean retrySetAside;

  /// @param retrySetAside whether items in quarantine are tried once more
  Survey(Source source, Ledger ledger, boolean retrySetAside) {
    this.source = source;
    this.ledger = ledger;
    this.retrySetAside = retrySetAside;
  }

  FolderWork of(FolderPair pair) throws IOException {
    int folder = ledger.sourceFolder(pair.source());
    Optional<String> token = ledger.token(folder).filter(t -> !t.isEmpty() && !retrySetAside);
    List<ItemSummary> added = new ArrayList<>();
    List<FolderWork.FlagChange> flags = new ArrayList<>();
    List<LedgerEntry> vanished = new ArrayList<>();
    return switch (source.list(pair.source(), token)) {
      case FolderListing.Unchanged(String next) ->
          new FolderWork(pair, folder, added, flags, vanished, -1, next);
      case FolderListing.Changes(List<ItemSummary> changed, List<String> goneIds, String next) -> {
        for (ItemSummary item : changed) sort(folder, item, added, flags);
        for (String id : goneIds) ledger.find(folder, id).ifPresent(vanished::add);
        yield new FolderWork(pair, folder, added, flags, vanished, -1, next);
      }
      case FolderListing.Complete(List<ItemSummary> items, String next) -> {
        Set<String> ids = HashSet.newHashSet(items.size());
        for (ItemSummary item : items) {
          ids.add(item.id());
          sort(folder, item, added, flags);
        }
        for (LedgerEntry entry : ledger.entries(folder)) {
          if (!ids.contains(entry.id())) vanished.add(entry);
        }
        yield new FolderWork(pair, folder, added, flags, vanished, items.size(), next);
      }
    };
  }

  private void sort(
      int folder, ItemSummary item, List<ItemSummary> added, List<FolderWork.FlagChange> flags) {
    Optional<LedgerEntry> known = ledger.find(folder, item.id());
    if (known.isEmpty()) {
      added.add(item);
      return;
    }
    LedgerEntry entry = known.get();
    switch (entry.state()) {
      case INTENDED -> added.add(item);
      case QUARANTINED -> {
        if (retrySetAside) added.add(item);
      }
      case SKIPPED -> {}
      case WRITTEN, VERIFIED, LEAVING -> {
        if (!entry.flags().equals(item.flags())) {
          flags.add(new FolderWork.FlagChange(entry, item.flags()));
        }
      }
    }
  }
}
