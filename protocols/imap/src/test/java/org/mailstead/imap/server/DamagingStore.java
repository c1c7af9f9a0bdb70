package org.mailstead.imap.server;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// A store that reads one blob with a bit turned over, as a failing disk does.
final class DamagingStore implements Store {
  private final Store inner;
  private final Set<BlobId> known = new HashSet<>();
  private volatile Optional<BlobId> damaged = Optional.empty();

  DamagingStore(Store inner) {
    this.inner = inner;
  }

  /// Forgets which blobs were written before.
  void mark() {
    known.addAll(inner.blobs().list(Optional.empty(), 1_000));
  }

  /// Damages the one blob that was written since the mark.
  void damageNewest() {
    List<BlobId> fresh =
        inner.blobs().list(Optional.empty(), 1_000).stream()
            .filter(blob -> !known.contains(blob))
            .toList();
    if (fresh.size() != 1) throw new AssertionError("not one new blob but " + fresh.size());
    damaged = Optional.of(fresh.getFirst());
  }

  @Override
  public Blobs blobs() {
    Blobs blobs = inner.blobs();
    return new Blobs() {
      @Override
      public void put(PartitionId holder, List<NewBlob> added) {
        blobs.put(holder, added);
      }

      @Override
      public void hold(PartitionId holder, BlobId blob) {
        blobs.hold(holder, blob);
      }

      @Override
      public void release(PartitionId holder, BlobId blob) {
        blobs.release(holder, blob);
      }

      @Override
      public Optional<Long> find(BlobId blob) {
        return blobs.find(blob);
      }

      @Override
      public byte[] read(BlobId blob, long offset, int length) {
        byte[] octets = blobs.read(blob, offset, length).clone();
        if (damaged.equals(Optional.of(blob)) && octets.length > 0) octets[octets.length / 2] ^= 1;
        return octets;
      }

      @Override
      public List<PartitionId> holders(BlobId blob) {
        return blobs.holders(blob);
      }

      @Override
      public List<BlobId> list(Optional<BlobId> after, int countMax) {
        return blobs.list(after, countMax);
      }

      @Override
      public Swept sweep() {
        return blobs.sweep();
      }
    };
  }

  @Override
  public long version(PartitionId partition) {
    return inner.version(partition);
  }

  @Override
  public Optional<byte[]> get(PartitionId partition, Collection collection, byte[] key) {
    return inner.get(partition, collection, key);
  }

  @Override
  public Page range(PartitionId partition, Collection collection, Range range, int rowsMax) {
    return inner.range(partition, collection, range, rowsMax);
  }

  @Override
  public long commit(
      PartitionId partition, long expectedVersion, CommitId commitId, WriteBatch batch) {
    return inner.commit(partition, expectedVersion, commitId, batch);
  }

  @Override
  public OptionalLong outcome(PartitionId partition, CommitId commitId) {
    return inner.outcome(partition, commitId);
  }

  @Override
  public Watch watch(PartitionId partition, Listener listener) {
    return inner.watch(partition, listener);
  }

  @Override
  public List<PartitionId> partitions(String prefix, Optional<PartitionId> after, int countMax) {
    return inner.partitions(prefix, after, countMax);
  }

  @Override
  public void drop(PartitionId partition) {
    inner.drop(partition);
  }

  @Override
  public ScanPage scan(PartitionId partition, Optional<byte[]> after) {
    return inner.scan(partition, after);
  }

  @Override
  public void load(PartitionId partition, long version, Iterator<StoredRow> rows) {
    inner.load(partition, version, rows);
  }

  @Override
  public void check(Findings findings) {
    inner.check(findings);
  }

  @Override
  public void close() {
    inner.close();
  }
}
