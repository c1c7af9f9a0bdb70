package org.mailstead.core.outbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.Supplier;
import org.mailstead.store.PartitionId;

/// Values read from partitions, trusted as long as their partition has not changed. Bounded.
public final class VersionedCache<K, V> {
  private final Versions versions;
  private final Cache<Place<K>, Cached<V>> values;

  private record Place<K>(PartitionId partition, K key) {}

  private record Cached<V>(long version, V value) {}

  public VersionedCache(Versions versions, long entriesMax) {
    this.versions = versions;
    this.values = Caffeine.newBuilder().maximumSize(entriesMax).build();
  }

  /// The value as of the newest known version, or newer.
  public V get(PartitionId partition, K key, Supplier<V> load) {
    // Asked before reading: what is read may be newer than this version, never older.
    long known = versions.known(partition);
    var place = new Place<>(partition, key);
    Cached<V> cached = values.getIfPresent(place);
    if (cached != null && cached.version >= known) return cached.value;
    V value = load.get();
    values.put(place, new Cached<>(known, value));
    return value;
  }

  public void clear() {
    values.invalidateAll();
  }
}
