package org.mailstead.core.mailbox;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

/// A store that tells when blobs were put; everything goes to the store inside.
class ForwardingStore implements Store {
  private final Store inner;
  private final Blobs blobs;

  ForwardingStore(Store inner) {
    this.inner = inner;
    this.blobs = new ForwardingBlobs(inner.blobs());
  }

  /// Called by the thread that put blobs, when they are durable.
  protected void afterPut() {}

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
  public Blobs blobs() {
    return blobs;
  }

  @Override
  public void check(Findings findings) {
    inner.check(findings);
  }

  @Override
  public void close() {
    inner.close();
  }

  private final class ForwardingBlobs implements Blobs {
    private final Blobs target;

    ForwardingBlobs(Blobs target) {
      this.target = target;
    }

    @Override
    public void put(PartitionId holder, List<NewBlob> added) {
      target.put(holder, added);
      afterPut();
    }

    @Override
    public void hold(PartitionId holder, BlobId blob) {
      target.hold(holder, blob);
    }

    @Override
    public void release(PartitionId holder, BlobId blob) {
      target.release(holder, blob);
    }

    @Override
    public Optional<Long> find(BlobId blob) {
      return target.find(blob);
    }

    @Override
    public byte[] read(BlobId blob, long offset, int length) {
      return target.read(blob, offset, length);
    }

    @Override
    public List<PartitionId> holders(BlobId blob) {
      return target.holders(blob);
    }

    @Override
    public List<BlobId> list(Optional<BlobId> after, int countMax) {
      return target.list(after, countMax);
    }

    @Override
    public Swept sweep() {
      return target.sweep();
    }
  }
}
