package org.mailstead.store.rocksdb;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store.StoredRow;
import org.rocksdb.RocksDBException;

/// Makes a partition from its rows. They are written without syncs while the partition is marked as
/// being loaded, which hides it from readers; the last, synced batch gives it its version and takes
/// the mark away. A mark that the next start finds lets it remove what an unfinished load left.
final class Load {
  private static final int PART_BYTES = 1 << 20;

  private final CommitThread commits;
  private final Partitions partitions;
  private final PartitionId partition;
  private final Step.Listener steps;

  Load(CommitThread commits, Partitions partitions, PartitionId partition, Step.Listener steps) {
    this.commits = commits;
    this.partitions = partitions;
    this.partition = partition;
    this.steps = steps;
  }

  void run(long version, Iterator<StoredRow> rows) {
    Begin begin = new Begin();
    try {
      commits.call(begin);
    } catch (RuntimeException e) {
      if (begin.marked) partitions.setLoading(begin.number, false);
      throw e;
    }
    long number = begin.number;
    boolean published = false;
    try {
      writeAll(number, rows);
      steps.reached(Step.LOAD_ROWS_WRITTEN);
      publish(number, version);
      published = true;
    } finally {
      if (!published) {
        commits.submit(
            removal(Request.Way.KEPT, number, () -> partitions.setLoading(number, false)));
      }
    }
    steps.reached(Step.LOAD_PUBLISHED);
  }

  /// Checks that the partition does not exist, and marks it.
  private final class Begin extends Request {
    private volatile long number;
    private volatile boolean marked;

    Begin() {
      super(Way.ALONE);
    }

    @Override
    void prepare(Group group) throws RocksDBException {
      long former = group.findNumber(partition);
      if (former >= 0) {
        long version = group.version(former);
        if (version > 0 || partitions.isLoading(former)) {
          throw new ConflictException(partition, 0, version);
        }
      }
      number = group.intern(partition);
      group.put(group.families().meta(), Keys.loading(number), new byte[] {Keys.FORMAT});
      group.sync();
      partitions.setLoading(number, true);
      marked = true;
    }
  }

  private void writeAll(long number, Iterator<StoredRow> rows) {
    List<StoredRow> part = new ArrayList<>();
    long octets = 0;
    while (rows.hasNext()) {
      StoredRow row = rows.next();
      part.add(row);
      octets += row.key().length + row.value().length;
      if (octets >= PART_BYTES || !rows.hasNext()) {
        writePart(number, List.copyOf(part));
        part.clear();
        octets = 0;
      }
    }
  }

  private void writePart(long number, List<StoredRow> rows) {
    commits.call(
        new Request(Request.Way.URGENT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            Engine.Families families = group.families();
            for (StoredRow row : rows) {
              int collection = row.collection().number();
              group.addKind(collection, row.once() ? Kinds.ONCE : Kinds.ROWS);
              group.put(
                  row.once() ? families.once() : families.rows(),
                  Keys.row(number, collection, row.key()),
                  row.value());
            }
          }
        });
  }

  private void publish(long number, long version) {
    commits.call(
        new Request(Request.Way.ALONE) {
          @Override
          void prepare(Group group) throws RocksDBException {
            group.delete(group.families().meta(), Keys.loading(number));
            group.setVersion(number, version);
            group.sync();
          }

          @Override
          void written() {
            partitions.setLoading(number, false);
          }
        });
  }

  /// Removes what an unfinished load wrote.
  static Request removal(Request.Way way, long number, Runnable afterwards) {
    return new Request(way) {
      @Override
      void prepare(Group group) throws RocksDBException {
        deleteRows(group, number);
        group.delete(group.families().meta(), Keys.loading(number));
        group.sync();
      }

      @Override
      void written() {
        afterwards.run();
      }
    };
  }

  static void deleteRows(Group group, long number) throws RocksDBException {
    byte[] from = Keys.number(number);
    byte[] to = Keys.number(number + 1);
    group.deleteRange(group.families().rows(), from, to);
    group.deleteRange(group.families().once(), from, to);
  }
}
