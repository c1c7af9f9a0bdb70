package org.mailstead.store.rocksdb;

import java.time.Duration;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.WriteBatch;
import org.rocksdb.RocksDBException;

/// A commit to one partition.
final class CommitRequest extends Request {
  private final PartitionId partition;
  private final long expectedVersion;
  private final CommitId commitId;
  private final WriteBatch changes;
  private final Outcomes outcomes;
  private final Partitions partitions;

  CommitRequest(
      PartitionId partition,
      long expectedVersion,
      CommitId commitId,
      WriteBatch changes,
      Outcomes outcomes,
      Partitions partitions) {
    super(Way.URGENT);
    this.partition = partition;
    this.expectedVersion = expectedVersion;
    this.commitId = commitId;
    this.changes = changes;
    this.outcomes = outcomes;
    this.partitions = partitions;
  }

  PartitionId partition() {
    return partition;
  }

  @Override
  void prepare(Group group) throws RocksDBException {
    long number = group.findNumber(partition);
    long current = number < 0 ? 0 : group.version(number);
    if (current != expectedVersion) {
      throw new ConflictException(partition, expectedVersion, current);
    }
    if (partitions.isLoading(number)) {
      throw new UnavailableException(partition + " is being restored", Duration.ofSeconds(10));
    }
    if (number < 0) number = group.intern(partition);
    Engine.Families families = group.families();
    for (WriteBatch.Change change : changes.changes()) {
      int collection = change.collection().number();
      byte[] key = Keys.row(number, collection, change.key());
      switch (change) {
        case WriteBatch.Change.Put(_, _, byte[] value) -> {
          group.addKind(collection, Kinds.ROWS);
          group.put(families.rows(), key, value);
        }
        case WriteBatch.Change.PutOnce(_, _, byte[] value) -> {
          group.addKind(collection, Kinds.ONCE);
          group.put(families.once(), key, value);
        }
        case WriteBatch.Change.Delete _ -> {
          int kinds = group.kinds(collection);
          if ((kinds & Kinds.ROWS) != 0) group.delete(families.rows(), key);
          if ((kinds & Kinds.ONCE) != 0) group.delete(families.once(), key);
        }
      }
    }
    outcomes.add(group, number, commitId, current + 1);
    group.setVersion(number, current + 1);
    group.sync();
  }
}
