package org.mailstead.store.rocksdb;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.mailstead.store.PartitionId;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/// Names, numbers and versions of partitions, with caches of both. Readers use [#find]; the other
/// methods belong to the commit thread, whose view is the truth.
final class Partitions {
  private static final int RESERVED_AT_ONCE = 1024;

  private final ConcurrentHashMap<PartitionId, Long> numbers = new ConcurrentHashMap<>();
  private final AtomicLong drops = new AtomicLong();
  private final Map<Long, Long> versions =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > RocksLimits.VERSIONS_CACHED_MAX;
        }
      };
  private final Set<Long> loading = ConcurrentHashMap.newKeySet();
  private long next;
  private long reserved;

  /// Numbers below this were given out, or skipped when the process ended.
  void load(Engine.Families families) throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.meta(), Keys.meta(Keys.META_RESERVED));
    next = value == null ? 1 : Keys.longValue(value);
    reserved = next;
  }

  /// For readers: the number of a partition; -1 if it has none.
  long find(Engine.Families families, PartitionId partition) throws RocksDBException {
    Long cached = numbers.get(partition);
    if (cached != null) return cached;
    long dropsBefore = drops.get();
    long number = look(families, partition);
    if (number >= 0) {
      remember(partition, number);
      // A drop in between has removed what we have just put back.
      if (drops.get() != dropsBefore) numbers.remove(partition);
    }
    return number;
  }

  /// For readers: as [#find], but -1 for one that is being loaded and does not exist yet.
  long findVisible(Engine.Families families, PartitionId partition) throws RocksDBException {
    long number = find(families, partition);
    return number >= 0 && !loading.isEmpty() && loading.contains(number) ? -1 : number;
  }

  boolean isLoading(long number) {
    return loading.contains(number);
  }

  void setLoading(long number, boolean isLoading) {
    if (isLoading) loading.add(number);
    else loading.remove(number);
  }

  private static long look(Engine.Families families, PartitionId partition)
      throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.meta(), Keys.name(partition));
    return value == null ? -1 : Keys.longValue(value);
  }

  /// A cached number is believed only if it has a version: a reader may put a dropped one back for
  /// a moment.
  long findAuthoritative(Engine.Families families, PartitionId partition) throws RocksDBException {
    Long cached = numbers.get(partition);
    if (cached != null && version(families, cached) > 0) return cached;
    return look(families, partition);
  }

  static Optional<PartitionId> findName(Engine.Families families, long number)
      throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.meta(), Keys.numberName(number));
    if (value == null) return Optional.empty();
    Keys.checkFormat(value[0]);
    return Optional.of(Keys.partition(value, 1));
  }

  long version(Engine.Families families, long number) throws RocksDBException {
    Long cached = versions.get(number);
    if (cached != null) return cached;
    long version = readVersion(families, number);
    if (version > 0) versions.put(number, version);
    return version;
  }

  static long readVersion(Engine.Families families, long number) throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.rows(), Keys.version(number));
    return value == null ? 0 : Keys.longValue(value);
  }

  /// A number that was never used. The reservation is written at once and becomes durable no later
  /// than what uses the number.
  long reserve(Engine.Families families) throws RocksDBException {
    if (next == reserved) {
      try (WriteOptions options = new WriteOptions()) {
        families
            .db()
            .put(
                families.meta(),
                options,
                Keys.meta(Keys.META_RESERVED),
                Keys.longValue(reserved + RESERVED_AT_ONCE));
      }
      reserved += RESERVED_AT_ONCE;
    }
    return next++;
  }

  void remember(PartitionId partition, long number) {
    if (numbers.size() >= RocksLimits.NAMES_CACHED_MAX) numbers.clear();
    numbers.put(partition, number);
  }

  void rememberVersion(long number, long version) {
    versions.put(number, version);
  }

  void forget(PartitionId partition, long number) {
    versions.remove(number);
    drops.incrementAndGet();
    numbers.remove(partition);
  }

  /// After a write that failed: what was written is known again only from the database.
  void forgetVersions() {
    versions.clear();
  }
}
