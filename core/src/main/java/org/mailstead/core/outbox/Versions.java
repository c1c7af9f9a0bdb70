package org.mailstead.core.outbox;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// The newest known version of the partitions that this process reads often, so that a cached value
/// can be trusted without asking the store. Our own commits raise it before they return; those of
/// others by the store's watch. Grows by the directories that are in use here.
public final class Versions implements AutoCloseable {
  private final Store store;
  private final ConcurrentHashMap<PartitionId, Watched> watched = new ConcurrentHashMap<>();

  private record Watched(AtomicLong version, Store.Watch watch) {}

  public Versions(Store store) {
    this.store = store;
  }

  /// A version that the partition has reached; never older than what a finished commit of this
  /// process has made.
  public long known(PartitionId partition) {
    Watched present = watched.get(partition);
    return (present != null ? present : watched.computeIfAbsent(partition, this::watch))
        .version.get();
  }

  private Watched watch(PartitionId partition) {
    var version = new AtomicLong();
    Store.Watch watch =
        store.watch(partition, (_, reached) -> version.accumulateAndGet(reached, Math::max));
    version.accumulateAndGet(store.version(partition), Math::max);
    return new Watched(version, watch);
  }

  void raise(PartitionId partition, long version) {
    Watched present = watched.get(partition);
    if (present != null) present.version.accumulateAndGet(version, Math::max);
  }

  /// After a partition was dropped: its versions start again.
  public void forget(PartitionId partition) {
    Watched gone = watched.remove(partition);
    if (gone != null) gone.watch.close();
  }

  @Override
  public void close() {
    watched.values().forEach(each -> each.watch.close());
    watched.clear();
  }
}
