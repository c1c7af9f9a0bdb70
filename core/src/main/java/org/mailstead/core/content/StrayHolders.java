package org.mailstead.core.content;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.store.BlobId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// One pass over what partitions of a kind hold, for those who know their rows: finds the holders
/// that a crash left between staging and commit. Runs beside everything else.
public final class StrayHolders {
  private static final int PAGE_COUNT = 1000;

  private final Store store;
  private final Contents contents;

  public StrayHolders(Store store, Contents contents) {
    this.store = store;
    this.contents = contents;
  }

  /// Releases what of these blobs the partition does not refer to.
  @FunctionalInterface
  public interface Check {
    /// @param held blobs in the store that the partition holds and this process is not about to
    ///   refer to: a row that refers to one of them is there already, or will not come from staging
    /// @return how many were released
    long release(PartitionId partition, List<BlobId> held);
  }

  /// @param prefix which partitions
  /// @return how many holders were released
  public long run(String prefix, Check check) {
    long released = 0;
    Optional<BlobId> after = Optional.empty();
    while (true) {
      NavigableMap<BlobId, List<PartitionId>> page = store.blobs().listHolders(after, PAGE_COUNT);
      Map<PartitionId, List<BlobId>> held = new TreeMap<>();
      page.forEach((blob, holders) -> {
        for (PartitionId holder : holders) {
          // This question comes before the rows are read: see Contents#isUnsettled.
          if (holder.value().startsWith(prefix) && !contents.isUnsettled(holder, blob)) {
            held.computeIfAbsent(holder, h -> new ArrayList<>()).add(blob);
          }
        }
      });
      for (Map.Entry<PartitionId, List<BlobId>> each : held.entrySet()) {
        released += check.release(each.getKey(), each.getValue());
      }
      if (page.size() < PAGE_COUNT) return released;
      after = Optional.of(page.lastKey());
    }
  }
}
