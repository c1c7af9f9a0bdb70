package org.mailstead.store;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.mailstead.store.FaultPlan.Call;

/// A store whose calls fail as a [FaultPlan] says; everything else goes to the store inside. The
/// same for its blobs.
public final class FailingStore implements Store {
  private static final PartitionId NONE = new PartitionId("-");

  private final Store inner;
  private final FaultPlan plan;
  private final FailingBlobs blobs;

  public FailingStore(Store inner, FaultPlan plan) {
    this.inner = inner;
    this.plan = plan;
    this.blobs = new FailingBlobs(inner.blobs(), plan);
  }

  public FaultPlan plan() {
    return plan;
  }

  @Override
  public long version(PartitionId partition) {
    return plan.run(Call.VERSION, partition, () -> inner.version(partition));
  }

  @Override
  public Optional<byte[]> get(PartitionId partition, Collection collection, byte[] key) {
    return plan.run(Call.GET, partition, () -> inner.get(partition, collection, key));
  }

  @Override
  public List<Optional<byte[]>> getAll(
      PartitionId partition, Collection collection, List<byte[]> keys) {
    return plan.run(Call.GET, partition, () -> inner.getAll(partition, collection, keys));
  }

  @Override
  public Page range(PartitionId partition, Collection collection, Range range, int rowsMax) {
    return plan.run(
        Call.RANGE, partition, () -> inner.range(partition, collection, range, rowsMax));
  }

  @Override
  public long commit(
      PartitionId partition, long expectedVersion, CommitId commitId, WriteBatch batch) {
    return plan.run(
        Call.COMMIT, partition, () -> inner.commit(partition, expectedVersion, commitId, batch));
  }

  @Override
  public OptionalLong outcome(PartitionId partition, CommitId commitId) {
    return plan.run(Call.OUTCOME, partition, () -> inner.outcome(partition, commitId));
  }

  @Override
  public Watch watch(PartitionId partition, Listener listener) {
    return inner.watch(partition, listener);
  }

  @Override
  public List<PartitionId> partitions(String prefix, Optional<PartitionId> after, int countMax) {
    return plan.run(Call.PARTITIONS, NONE, () -> inner.partitions(prefix, after, countMax));
  }

  @Override
  public void drop(PartitionId partition) {
    plan.run(
        Call.DROP,
        partition,
        () -> {
          inner.drop(partition);
          return true;
        });
  }

  @Override
  public ScanPage scan(PartitionId partition, Optional<byte[]> after) {
    return plan.run(Call.SCAN, partition, () -> inner.scan(partition, after));
  }

  @Override
  public void load(PartitionId partition, long version, Iterator<StoredRow> rows) {
    plan.run(
        Call.LOAD,
        partition,
        () -> {
          inner.load(partition, version, rows);
          return true;
        });
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

  private record FailingBlobs(Blobs inner, FaultPlan plan) implements Blobs {
    @Override
    public void put(PartitionId holder, List<NewBlob> blobs) {
      plan.run(
          Call.BLOB_PUT,
          holder,
          () -> {
            inner.put(holder, blobs);
            return true;
          });
    }

    @Override
    public void hold(PartitionId holder, BlobId blob) {
      plan.run(
          Call.BLOB_HOLD,
          holder,
          () -> {
            inner.hold(holder, blob);
            return true;
          });
    }

    @Override
    public void release(PartitionId holder, BlobId blob) {
      plan.run(
          Call.BLOB_RELEASE,
          holder,
          () -> {
            inner.release(holder, blob);
            return true;
          });
    }

    @Override
    public Optional<Long> find(BlobId blob) {
      return plan.run(Call.BLOB_FIND, NONE, () -> inner.find(blob));
    }

    @Override
    public byte[] read(BlobId blob, long offset, int length) {
      return plan.run(Call.BLOB_READ, NONE, () -> inner.read(blob, offset, length));
    }

    @Override
    public List<PartitionId> holders(BlobId blob) {
      return plan.run(Call.BLOB_HOLDERS, NONE, () -> inner.holders(blob));
    }

    @Override
    public List<BlobId> list(Optional<BlobId> after, int countMax) {
      return inner.list(after, countMax);
    }

    @Override
    public Swept sweep() {
      return inner.sweep();
    }
  }
}
