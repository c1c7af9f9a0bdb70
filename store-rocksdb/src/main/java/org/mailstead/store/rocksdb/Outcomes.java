package org.mailstead.store.rocksdb;

import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;
import org.mailstead.store.CommitId;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// The versions that commits made, by commit id, kept for an hour and a little. The keys begin with
/// a slot of twenty minutes, so that forgetting is one range deletion per slot.
final class Outcomes {
  private static final Duration SLOT = Duration.ofMinutes(20);

  /// A slot is forgotten when its last commit is at least an hour old.
  private static final int SLOTS_KEPT = 4;

  private final InstantSource clock;
  private final ConcurrentSkipListSet<Integer> slots = new ConcurrentSkipListSet<>();
  private int lastSlot = -1; // of the commit thread

  Outcomes(InstantSource clock) {
    this.clock = clock;
  }

  void load(Engine.Families families) throws RocksDBException {
    try (RocksIterator all = families.db().newIterator(families.commits())) {
      all.seekToFirst();
      while (all.isValid()) {
        int slot = java.nio.ByteBuffer.wrap(all.key()).getInt();
        slots.add(slot);
        all.seek(Keys.slot(slot + 1));
      }
      all.status();
    }
  }

  void add(Group group, long number, CommitId commitId, long version) throws RocksDBException {
    int slot = (int) (clock.millis() / SLOT.toMillis());
    if (slot != lastSlot) {
      slots.add(slot);
      int keptFrom = slot - SLOTS_KEPT + 1;
      if (!slots.headSet(keptFrom).isEmpty()) {
        group.deleteRange(group.families().commits(), Keys.slot(0), Keys.slot(keptFrom));
        slots.headSet(keptFrom).clear();
      }
      lastSlot = slot;
    }
    group.put(
        group.families().commits(), Keys.commit(slot, number, commitId), Keys.longValue(version));
  }

  OptionalLong find(Engine.Families families, long number, CommitId commitId)
      throws RocksDBException {
    for (int slot : slots.descendingSet()) {
      byte @Nullable [] value =
          families.db().get(families.commits(), Keys.commit(slot, number, commitId));
      if (value != null) return OptionalLong.of(Keys.longValue(value));
    }
    return OptionalLong.empty();
  }
}
