package org.mailstead.migration.transfer;

import java.time.Duration;
import org.mailstead.migration.ledger.Ledger;

/// How many items go into one command. Begins with ten and doubles while the target answers a full
/// command in a fraction of a second, so that what a kill makes undone stays well below one second
/// of work (decision 0078); after a failure or a slow answer it begins anew. For one thread.
final class BatchSize {
  /// A full batch that takes no longer may be doubled.
  static final Duration QUICK = Duration.ofMillis(150);

  /// Slower ones are halved.
  static final Duration SLOW = Duration.ofMillis(500);

  private final int itemsMax;
  private int items;

  /// @param itemsMax at least ten
  BatchSize(int itemsMax) {
    this.itemsMax = Math.max(Ledger.UNSYNCED_ITEMS_MAX, itemsMax);
    this.items = Ledger.UNSYNCED_ITEMS_MAX;
  }

  int items() {
    return items;
  }

  /// @param took the target's time for this batch alone, without that of those before it
  void answered(int count, Duration took) {
    if (took.compareTo(SLOW) > 0) {
      items = Math.max(Ledger.UNSYNCED_ITEMS_MAX, items / 2);
    } else if (count >= items && took.compareTo(QUICK) <= 0) {
      items = Math.min(itemsMax, items * 2);
    }
  }

  /// A broken connection, or an item that was refused and took its batch with it.
  void failed() {
    items = Ledger.UNSYNCED_ITEMS_MAX;
  }
}
