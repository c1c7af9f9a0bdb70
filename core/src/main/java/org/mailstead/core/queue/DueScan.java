package org.mailstead.core.queue;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Looks through a shard's time index for what is due and wanted, a bounded number of rows at a
/// time: what nobody wants now may be very much. It remembers where it stopped, goes on from there,
/// and begins anew at the end, so that nothing is passed over for ever. Synchronized: looks at one
/// shard follow each other.
final class DueScan {
  private static final int PAGE_ROWS = 250;

  private final PartitionId partition;
  private byte[] from = {};

  /// What a look found.
  ///
  /// @param entries in the order of the index
  /// @param seen how many rows of the index were looked at
  /// @param next when the first of the others is due, in milliseconds; [Long#MAX_VALUE] if none is
  record Found(Map<QueueId, Lane> entries, int seen, long next) {}

  private Map<QueueId, Lane> found = Map.of();
  private int seen;
  private long next;

  DueScan(PartitionId partition) {
    this.partition = partition;
  }

  synchronized Found run(
      Store store, int countMax, Instant now, BiPredicate<QueueId, Lane> wanted) {
    found = new LinkedHashMap<>();
    seen = 0;
    next = Long.MAX_VALUE;
    byte[] begun = from;
    if (look(store, Range.from(begun), countMax, now, wanted) && begun.length > 0) {
      look(store, Range.of(new byte[0], begun), countMax, now, wanted);
    }
    // What was passed over is due, and nothing here says when it will be wanted.
    if (seen > found.size()) next = Math.min(next, now.toEpochMilli());
    return new Found(found, seen, next);
  }

  /// @return whether the range was looked through to its end
  private boolean look(
      Store store, Range whole, int countMax, Instant now, BiPredicate<QueueId, Lane> wanted) {
    Optional<Range> range = Optional.of(whole);
    while (range.isPresent()) {
      Page page = store.range(partition, QueueRows.DUE, range.get(), PAGE_ROWS);
      for (Row row : page.rows()) {
        Instant at = QueueRows.dueOf(row.key());
        boolean full = found.size() == countMax || seen == QueueLimits.LOOK_ROWS_MAX;
        if (at.isAfter(now) || full) {
          next = Math.min(next, at.toEpochMilli());
          from = at.isAfter(now) ? new byte[0] : row.key();
          return at.isAfter(now);
        }
        seen++;
        QueueId id = QueueRows.dueIdOf(row.key());
        Lane lane = QueueRows.laneOf(row.value());
        if (wanted.test(id, lane)) found.put(id, lane);
      }
      range = page.next();
    }
    from = new byte[0];
    return true;
  }
}
