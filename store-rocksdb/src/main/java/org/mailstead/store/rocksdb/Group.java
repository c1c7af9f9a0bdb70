package org.mailstead.store.rocksdb;

import java.util.HashMap;
import java.util.Map;
import org.mailstead.store.PartitionId;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// Requests that are written together and share one sync. All of it happens or nothing. Of the
/// commit thread.
final class Group implements AutoCloseable {
  private final Engine.Families families;
  private final Partitions partitions;
  private final Kinds kinds;
  private final WriteBatch batch = new WriteBatch();
  private final Map<PartitionId, Long> interned = new HashMap<>();
  private final Map<Long, Long> versions = new HashMap<>();
  private final Map<Integer, Integer> newKinds = new HashMap<>();
  private boolean synced;

  Group(Engine.Families families, Partitions partitions, Kinds kinds) {
    this.families = families;
    this.partitions = partitions;
    this.kinds = kinds;
  }

  Engine.Families families() {
    return families;
  }

  WriteBatch batch() {
    return batch;
  }

  boolean isSynced() {
    return synced;
  }

  /// The group must be durable before anybody hears of it.
  void sync() {
    synced = true;
  }

  void put(ColumnFamilyHandle family, byte[] key, byte[] value) throws RocksDBException {
    batch.put(family, key, value);
  }

  void delete(ColumnFamilyHandle family, byte[] key) throws RocksDBException {
    batch.delete(family, key);
  }

  void deleteRange(ColumnFamilyHandle family, byte[] from, byte[] to) throws RocksDBException {
    batch.deleteRange(family, from, to);
  }

  /// The number of a partition, with what this group adds; -1 if it has none.
  long findNumber(PartitionId partition) throws RocksDBException {
    Long fresh = interned.get(partition);
    return fresh != null ? fresh : partitions.findAuthoritative(families, partition);
  }

  /// Gives the partition a number if it has none.
  long intern(PartitionId partition) throws RocksDBException {
    long number = findNumber(partition);
    if (number >= 0) return number;
    number = partitions.reserve(families);
    put(families.meta(), Keys.name(partition), Keys.longValue(number));
    put(families.meta(), Keys.numberName(number), nameValue(partition));
    interned.put(partition, number);
    return number;
  }

  private static byte[] nameValue(PartitionId partition) {
    return Keys.meta(
        Keys.FORMAT, partition.value().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  long version(long number) throws RocksDBException {
    Long fresh = versions.get(number);
    return fresh != null ? fresh : partitions.version(families, number);
  }

  void setVersion(long number, long version) throws RocksDBException {
    put(families.rows(), Keys.version(number), Keys.longValue(version));
    versions.put(number, version);
  }

  /// Remembers that the collection has values of this kind.
  void addKind(int collection, int kind) throws RocksDBException {
    int all = kinds.add(collection, kind);
    if (!kinds.isStored(collection, all) && newKinds.getOrDefault(collection, 0) != all) {
      put(families.meta(), Keys.kinds(collection), new byte[] {Keys.FORMAT, (byte) all});
      newKinds.put(collection, all);
    }
  }

  int kinds(int collection) {
    return kinds.of(collection);
  }

  /// Makes known what was written.
  void publish() {
    interned.forEach(partitions::remember);
    versions.forEach(partitions::rememberVersion);
    newKinds.forEach(kinds::stored);
  }

  @Override
  public void close() {
    batch.close();
  }
}
