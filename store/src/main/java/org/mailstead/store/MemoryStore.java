package org.mailstead.store;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.Invariant;

/// A store that forgets everything when it ends: for tests and trials. Passes the same contract as
/// the durable stores, and is stricter in one point: a write-once value under a key that exists is
/// a bug of the caller, which it reports.
public final class MemoryStore implements Store {
  private final ConcurrentSkipListMap<PartitionId, Partition> partitions =
      new ConcurrentSkipListMap<>();
  private final Watchers watchers = new Watchers();
  private final MemoryBlobs blobs;
  private volatile boolean closed;

  public MemoryStore() {
    this(InstantSource.system());
  }

  public MemoryStore(InstantSource clock) {
    this.blobs = new MemoryBlobs(clock);
  }

  private record Value(byte[] octets, boolean once) {}

  /// Guarded by its lock, except for the version.
  private static final class Partition {
    final ReentrantLock lock = new ReentrantLock();
    final NavigableMap<Integer, NavigableMap<byte[], Value>> collections = new TreeMap<>();
    final Map<CommitId, Long> outcomes = new HashMap<>();
    volatile long version;

    NavigableMap<byte[], Value> rows(int collection) {
      return collections.computeIfAbsent(collection, c -> new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  @Override
  public long version(PartitionId partition) {
    checkOpen();
    Partition present = partitions.get(partition);
    return present == null ? 0 : present.version;
  }

  @Override
  public Optional<byte[]> get(PartitionId partition, Collection collection, byte[] key) {
    checkOpen();
    Partition present = partitions.get(partition);
    if (present == null) return Optional.empty();
    present.lock.lock();
    try {
      Value value = present.rows(collection.number()).get(key);
      return value == null ? Optional.empty() : Optional.of(value.octets.clone());
    } finally {
      present.lock.unlock();
    }
  }

  @Override
  public Page range(PartitionId partition, Collection collection, Range range, int rowsMax) {
    checkOpen();
    if (rowsMax < 1) throw new IllegalArgumentException("rowsMax: " + rowsMax);
    Partition present = partitions.get(partition);
    if (present == null) return new Page(0, List.of(), Optional.empty());
    present.lock.lock();
    try {
      return page(present.version, present.rows(collection.number()), range, rowsMax);
    } finally {
      present.lock.unlock();
    }
  }

  private static Page page(
      long version, NavigableMap<byte[], Value> all, Range range, int rowsMax) {
    if (range.to().isPresent() && Arrays.compareUnsigned(range.from(), range.to().get()) >= 0) {
      return new Page(version, List.of(), Optional.empty());
    }
    NavigableMap<byte[], Value> part = all.tailMap(range.from(), true);
    if (range.to().isPresent()) part = part.headMap(range.to().get(), false);
    if (range.reversed()) part = part.descendingMap();
    List<Row> rows = new ArrayList<>();
    long octets = 0;
    for (Map.Entry<byte[], Value> entry : part.entrySet()) {
      octets += entry.getKey().length + entry.getValue().octets.length;
      if (rows.size() == rowsMax || (!rows.isEmpty() && octets > PAGE_BYTES_MAX)) {
        return new Page(version, rows, Optional.of(range.after(rows.getLast().key())));
      }
      rows.add(new Row(entry.getKey().clone(), entry.getValue().octets.clone()));
    }
    return new Page(version, rows, Optional.empty());
  }

  @Override
  public long commit(
      PartitionId partition, long expectedVersion, CommitId commitId, WriteBatch batch) {
    checkOpen();
    batch.checkBounds();
    long version = expectedVersion + 1;
    while (true) {
      Partition present = partitions.computeIfAbsent(partition, id -> new Partition());
      present.lock.lock();
      try {
        // A partition that was dropped or loaded meanwhile is no longer the one to write to.
        if (partitions.get(partition) != present) continue;
        if (present.version != expectedVersion) {
          throw new ConflictException(partition, expectedVersion, present.version);
        }
        checkFresh(present, batch);
        for (WriteBatch.Change change : batch.changes()) apply(present, change);
        present.outcomes.put(commitId, version);
        present.version = version;
      } finally {
        present.lock.unlock();
      }
      break;
    }
    watchers.changed(partition, version);
    return version;
  }

  private static void checkFresh(Partition partition, WriteBatch batch) {
    for (WriteBatch.Change change : batch.changes()) {
      if (change instanceof WriteBatch.Change.PutOnce(Collection collection, byte[] key, _)) {
        Invariant.check(
            !partition.rows(collection.number()).containsKey(key),
            "a write-once key of " + collection + " exists already");
      }
    }
  }

  private static void apply(Partition partition, WriteBatch.Change change) {
    NavigableMap<byte[], Value> rows = partition.rows(change.collection().number());
    switch (change) {
      case WriteBatch.Change.Put(_, byte[] key, byte[] value) ->
          rows.put(key.clone(), new Value(value.clone(), false));
      case WriteBatch.Change.PutOnce(_, byte[] key, byte[] value) ->
          rows.put(key.clone(), new Value(value.clone(), true));
      case WriteBatch.Change.Delete(_, byte[] key) -> rows.remove(key);
    }
  }

  @Override
  public OptionalLong outcome(PartitionId partition, CommitId commitId) {
    checkOpen();
    Partition present = partitions.get(partition);
    if (present == null) return OptionalLong.empty();
    present.lock.lock();
    try {
      Long version = present.outcomes.get(commitId);
      return version == null ? OptionalLong.empty() : OptionalLong.of(version);
    } finally {
      present.lock.unlock();
    }
  }

  @Override
  public Watch watch(PartitionId partition, Listener listener) {
    return watchers.watch(partition, listener);
  }

  @Override
  public List<PartitionId> partitions(String prefix, Optional<PartitionId> after, int countMax) {
    checkOpen();
    return (after.isPresent() ? partitions.tailMap(after.get(), false) : partitions)
        .entrySet().stream()
            .filter(e -> e.getKey().value().startsWith(prefix) && e.getValue().version > 0)
            .limit(countMax)
            .map(Map.Entry::getKey)
            .toList();
  }

  @Override
  public void drop(PartitionId partition) {
    checkOpen();
    partitions.remove(partition);
    blobs.releaseAll(partition);
  }

  /// A position is the collection's number and the last key.
  @Override
  public ScanPage scan(PartitionId partition, Optional<byte[]> after) {
    checkOpen();
    Partition present = partitions.get(partition);
    if (present == null) return new ScanPage(0, List.of(), Optional.empty());
    int afterCollection = after.map(position -> position[0] & 0xFF).orElse(-1);
    byte[] afterKey =
        after.map(position -> Arrays.copyOfRange(position, 1, position.length)).orElse(new byte[0]);
    present.lock.lock();
    try {
      List<StoredRow> rows = new ArrayList<>();
      long octets = 0;
      for (var entry : present.collections.tailMap(afterCollection, true).entrySet()) {
        int number = entry.getKey();
        NavigableMap<byte[], Value> part =
            number == afterCollection
                ? entry.getValue().tailMap(afterKey, false)
                : entry.getValue();
        Collection collection = Collection.numbered(number);
        for (Map.Entry<byte[], Value> row : part.entrySet()) {
          Value value = row.getValue();
          octets += row.getKey().length + value.octets.length;
          if (!rows.isEmpty() && octets > PAGE_BYTES_MAX) {
            return new ScanPage(present.version, rows, Optional.of(position(rows.getLast())));
          }
          rows.add(
              new StoredRow(collection, row.getKey().clone(), value.octets.clone(), value.once));
        }
      }
      return new ScanPage(present.version, rows, Optional.empty());
    } finally {
      present.lock.unlock();
    }
  }

  private static byte[] position(StoredRow row) {
    return ByteBuffer.allocate(1 + row.key().length)
        .put((byte) row.collection().number())
        .put(row.key())
        .array();
  }

  @Override
  public void load(PartitionId partition, long version, Iterator<StoredRow> rows) {
    checkOpen();
    if (version < 1) throw new IllegalArgumentException("version: " + version);
    Partition loaded = new Partition();
    while (rows.hasNext()) {
      StoredRow row = rows.next();
      loaded
          .rows(row.collection().number())
          .put(row.key().clone(), new Value(row.value().clone(), row.once()));
    }
    loaded.version = version;
    partitions.compute(
        partition,
        (id, present) -> {
          if (present == null) return loaded;
          present.lock.lock();
          try {
            if (present.version > 0) throw new ConflictException(partition, 0, present.version);
            return loaded;
          } finally {
            present.lock.unlock();
          }
        });
    watchers.changed(partition, version);
  }

  @Override
  public Blobs blobs() {
    return blobs;
  }

  /// Maps have no indexes that could contradict them.
  @Override
  public void check(Findings findings) {
    checkOpen();
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() {
    Invariant.check(!closed, "the store is open");
  }
}
