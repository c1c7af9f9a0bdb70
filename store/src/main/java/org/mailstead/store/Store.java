package org.mailstead.store;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A store: partitions that hold collections, which are sorted maps of byte keys to byte values. A
/// partition's version starts at 0 and each commit raises it by one. Thread-safe. Full or failing
/// disks surface as [org.mailstead.base.UnavailableException], after which nothing of the commit is
/// visible.
public interface Store extends AutoCloseable {
  int PAGE_BYTES_MAX = 1 << 20;

  /// The version of a partition; 0 if nothing was ever committed to it.
  long version(PartitionId partition);

  Optional<byte[]> get(PartitionId partition, Collection collection, byte[] key);

  /// The values of several keys, in their order; each as of some moment of the call.
  default List<Optional<byte[]>> getAll(
      PartitionId partition, Collection collection, List<byte[]> keys) {
    return keys.stream().map(key -> get(partition, collection, key)).toList();
  }

  /// One page of the range, at most `rowsMax` rows and [#PAGE_BYTES_MAX] octets (one row at least),
  /// consistent at the version it names.
  Page range(PartitionId partition, Collection collection, Range range, int rowsMax);

  /// Applies the batch, all or nothing, isolated, durable (synced) when it returns, and visible to
  /// others only then.
  ///
  /// @return the new version, `expectedVersion + 1`
  /// @throws ConflictException expectedVersion is not current: read again, decide again
  /// @throws UnknownOutcomeException the answer was lost: [#outcome] settles it
  long commit(PartitionId partition, long expectedVersion, CommitId commitId, WriteBatch batch);

  /// The version that this commit made, if it happened; remembered for at least an hour, through
  /// later commits too.
  OptionalLong outcome(PartitionId partition, CommitId commitId);

  /// Calls the listener after commits to the partition, from any thread, never while holding a lock
  /// of the store. A hint: several commits may be told as one; the version is the truth.
  Watch watch(PartitionId partition, Listener listener);

  /// Existing partitions whose ids start with `prefix` and are greater than `after`, ascending.
  List<PartitionId> partitions(String prefix, Optional<PartitionId> after, int countMax);

  /// Removes a partition with all that it holds, durably. Its holders on blobs go with it.
  void drop(PartitionId partition);

  /// Takes what was overwritten or removed in the partition out of the engine's files, where old
  /// values may otherwise lie until the engine tidies up by itself: for keys that must not come
  /// back. Can take a second; can be done again. An engine that keeps no old values does nothing.
  default void shred(PartitionId partition) {}

  /// All rows of a partition, collection by collection, for backup and checks: one page, at most
  /// [#PAGE_BYTES_MAX] octets (one row at least), consistent at the version it names.
  ///
  /// @param after the position of the page before; empty for the first
  ScanPage scan(PartitionId partition, Optional<byte[]> after);

  /// Makes a partition that does not exist yet, at this version and with these rows, in the order
  /// of [#scan]: for restore. It appears as a whole, durably, when this returns; a crash before
  /// leaves nothing visible.
  ///
  /// @throws ConflictException the partition exists
  void load(PartitionId partition, long version, Iterator<StoredRow> rows);

  Blobs blobs();

  /// Checks the engine's own structures: indexes in bounds, checksums of files, holders that hold
  /// nothing. The blobs' contents are read by [StoreCheck].
  void check(Findings findings);

  /// A row with its collection. Whether it was write-once only says where an engine keeps it best.
  record StoredRow(Collection collection, byte[] key, byte[] value, boolean once) {}

  /// Part of [#scan].
  record ScanPage(long version, List<StoredRow> rows, Optional<byte[]> next) {}

  @Override
  void close();

  /// Hears that a partition has reached a version.
  @FunctionalInterface
  interface Listener {
    void changed(PartitionId partition, long version);
  }

  /// A registration; closing it ends the calls.
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
