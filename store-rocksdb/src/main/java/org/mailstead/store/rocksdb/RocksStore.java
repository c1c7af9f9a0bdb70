package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Invariant;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Store;
import org.mailstead.store.Watchers;
import org.mailstead.store.WriteBatch;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The embedded store.
///
/// A commit is handed to the [CommitThread], which checks the version, writes all that waits as one
/// batch with one sync of RocksDB's log, and answers. RocksDB shows a batch to readers only after
/// it is in the log and synced, so nobody sees what a crash could take back. A blob is first
/// appended to a segment file and synced by the [SegmentThread]; its index row travels with the
/// next commit (see [RocksBlobs]).
///
/// Readers go to RocksDB directly, at most [RocksLimits#READS_MAX] at once. Rows of a partition
/// have its number as their prefix ([Keys]); versioned rows and write-once values have families of
/// their own, so that pages of rows stay dense. Write-once values are written in the same batch as
/// the rows that refer to them, so there are never orphans among them.
public final class RocksStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);

  private final DataFolder folder;
  private final Engine engine;
  private final Kinds kinds = new Kinds();
  private final Partitions partitions = new Partitions();
  private final Outcomes outcomes;
  private final CommitThread commits;
  private final SegmentFiles files;
  private final RocksBlobs blobs;
  private final Watchers watchers = new Watchers();
  private final Step.Listener steps;
  private volatile boolean closed;

  /// @throws DataFolderException locked, newer, not ours, or not usable; one line for the operator
  public static RocksStore open(
      RocksSettings settings, InstantSource clock, RandomGenerator random) {
    return open(settings, clock, random, step -> {});
  }

  static RocksStore open(
      RocksSettings settings, InstantSource clock, RandomGenerator random, Step.Listener steps) {
    DataFolder folder = DataFolder.open(settings.folder());
    try {
      return new RocksStore(folder, settings, clock, random, steps);
    } catch (IOException e) {
      close(folder);
      throw new DataFolderException(
          "data folder " + settings.folder() + " cannot be opened: " + Engine.firstLine(e), e);
    } catch (RuntimeException e) {
      close(folder);
      throw e;
    }
  }

  private RocksStore(
      DataFolder folder,
      RocksSettings settings,
      InstantSource clock,
      RandomGenerator random,
      Step.Listener steps)
      throws IOException {
    this.folder = folder;
    this.steps = steps;
    LogTail.cut(folder.rows());
    this.engine = new Engine(folder.rows(), settings.cacheBytes());
    this.outcomes = new Outcomes(clock);
    engine.read(families -> {
      kinds.load(families);
      partitions.load(families);
      outcomes.load(families);
      return true;
    });
    this.commits = new CommitThread(engine, partitions, kinds, settings.folder(), steps);
    this.files = new SegmentFiles(folder.blobs());
    try {
      removeUnfinishedLoads();
      this.blobs =
          new RocksBlobs(
              engine, commits, partitions, files, settings.segmentBytes(), clock, random, steps);
    } catch (IOException | RuntimeException e) {
      commits.close();
      engine.close();
      files.close();
      throw e;
    }
  }

  private static void close(DataFolder folder) {
    try {
      folder.close();
    } catch (IOException e) {
      LOG.warn("the data folder's lock could not be released", e);
    }
  }

  @Override
  public long version(PartitionId partition) {
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      return number < 0 ? 0L : Partitions.readVersion(families, number);
    });
  }

  @Override
  public Optional<byte[]> get(PartitionId partition, Collection collection, byte[] key) {
    int has = kinds.of(collection.number());
    if (has == 0) {
      checkOpen();
      return Optional.empty();
    }
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      if (number < 0) return Optional.<byte[]>empty();
      byte[] row = Keys.row(number, collection.number(), key);
      byte @Nullable [] value = null;
      if ((has & Kinds.ROWS) != 0) value = families.db().get(families.rows(), row);
      if (value == null && (has & Kinds.ONCE) != 0) {
        value = families.db().get(families.once(), row);
      }
      return Optional.ofNullable(value);
    });
  }

  @Override
  public List<Optional<byte[]>> getAll(
      PartitionId partition, Collection collection, List<byte[]> keys) {
    int has = kinds.of(collection.number());
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) values.add(Optional.empty());
    if (has == 0 || keys.isEmpty()) return values;
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      if (number < 0) return values;
      if ((has & Kinds.ROWS) != 0) {
        fill(families, families.rows(), number, collection, keys, values);
      }
      if ((has & Kinds.ONCE) != 0) {
        fill(families, families.once(), number, collection, keys, values);
      }
      return values;
    });
  }

  /// Reads those that are still missing.
  private static void fill(
      Engine.Families families,
      ColumnFamilyHandle family,
      long number,
      Collection collection,
      List<byte[]> keys,
      List<Optional<byte[]>> values)
      throws RocksDBException {
    List<byte[]> wanted = new ArrayList<>();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (values.get(i).isPresent()) continue;
      wanted.add(Keys.row(number, collection.number(), keys.get(i)));
      handles.add(family);
      places.add(i);
    }
    if (wanted.isEmpty()) return;
    List<byte[]> found = families.db().multiGetAsList(handles, wanted);
    for (int i = 0; i < places.size(); i++) {
      values.set(places.get(i), Optional.ofNullable(found.get(i)));
    }
  }

  @Override
  public Page range(PartitionId partition, Collection collection, Range range, int rowsMax) {
    if (rowsMax < 1) throw new IllegalArgumentException("rowsMax: " + rowsMax);
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      if (number < 0) return new Page(0, List.of(), Optional.empty());
      try (RowPages pages = new RowPages(families, number)) {
        // Kinds are read after the snapshot: it cannot show a kind that is not known yet.
        return pages.page(collection, kinds.of(collection.number()), range, rowsMax);
      }
    });
  }

  @Override
  public long commit(
      PartitionId partition, long expectedVersion, CommitId commitId, WriteBatch batch) {
    batch.checkBounds();
    commits.call(
        new CommitRequest(partition, expectedVersion, commitId, batch, outcomes, partitions));
    watchers.changed(partition, expectedVersion + 1);
    return expectedVersion + 1;
  }

  @Override
  public OptionalLong outcome(PartitionId partition, CommitId commitId) {
    if (commits.isFailing()) {
      // A batch whose sync failed is not visible, but a crash now could bring it back.
      throw new UnavailableException("the store cannot be written", Duration.ofSeconds(5));
    }
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      return number < 0 ? OptionalLong.empty() : outcomes.find(families, number, commitId);
    });
  }

  @Override
  public Watch watch(PartitionId partition, Listener listener) {
    return watchers.watch(partition, listener);
  }

  @Override
  public List<PartitionId> partitions(String prefix, Optional<PartitionId> after, int countMax) {
    return engine.read(families -> {
      List<PartitionId> page = new ArrayList<>();
      byte[] start = Keys.name(prefix);
      byte[] from = start;
      if (after.isPresent()) {
        byte[] last = Keys.name(after.get());
        if (Arrays.compareUnsigned(last, start) > 0) from = last;
      }
      try (RocksIterator names = families.db().newIterator(families.meta())) {
        for (names.seek(from); names.isValid() && page.size() < countMax; names.next()) {
          byte[] key = names.key();
          if (!startsWith(key, start)) break;
          PartitionId partition = Keys.partition(key, 1);
          if (after.isPresent() && partition.compareTo(after.get()) <= 0) continue;
          long number = Keys.longValue(names.value());
          // One that only holds a blob so far does not exist yet.
          if (Partitions.readVersion(families, number) > 0) page.add(partition);
        }
        names.status();
      }
      return page;
    });
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  @Override
  public void drop(PartitionId partition) {
    commits.call(
        new Request(Request.Way.ALONE) {
          private long number = -1;

          @Override
          void prepare(Group group) throws RocksDBException {
            number = group.findNumber(partition);
            if (number < 0) return;
            Engine.Families families = group.families();
            group.delete(families.meta(), Keys.name(partition));
            group.delete(families.meta(), Keys.numberName(number));
            Load.deleteRows(group, number);
            group.sync();
          }

          @Override
          void written() {
            if (number >= 0) partitions.forget(partition, number);
          }
        });
    steps.reached(Step.DROPPED);
  }

  /// The log of writes goes when everything in it is in tables; old values go from those by
  /// rewriting the range down to the last level.
  @Override
  public void shred(PartitionId partition) {
    engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      try (FlushOptions flush = new FlushOptions().setWaitForFlush(true);
          CompactRangeOptions whole =
              new CompactRangeOptions()
                  .setBottommostLevelCompaction(
                      CompactRangeOptions.BottommostLevelCompaction.kForce)) {
        families.db().flush(flush, families.handles());
        if (number >= 0) {
          byte[] from = Keys.number(number);
          byte[] to = Keys.number(number + 1);
          families.db().compactRange(families.rows(), from, to, whole);
          families.db().compactRange(families.once(), from, to, whole);
        }
      }
      return true;
    });
  }

  @Override
  public ScanPage scan(PartitionId partition, Optional<byte[]> after) {
    return engine.read(families -> {
      long number = partitions.findVisible(families, partition);
      if (number < 0) return new ScanPage(0, List.of(), Optional.empty());
      try (RowPages pages = new RowPages(families, number)) {
        return pages.scan(after);
      }
    });
  }

  @Override
  public void load(PartitionId partition, long version, Iterator<StoredRow> rows) {
    if (version < 1) throw new IllegalArgumentException("version: " + version);
    new Load(commits, partitions, partition, steps).run(version, rows);
    watchers.changed(partition, version);
  }

  private void removeUnfinishedLoads() {
    List<Long> numbers =
        engine.read(families -> {
          List<Long> found = new ArrayList<>();
          try (RocksIterator marks = families.db().newIterator(families.meta())) {
            for (marks.seek(Keys.meta(Keys.META_LOADING)); marks.isValid(); marks.next()) {
              byte[] key = marks.key();
              if (key[0] != Keys.META_LOADING) break;
              found.add(Keys.numberAt(key, 1));
            }
            marks.status();
          }
          return found;
        });
    for (long number : numbers) commits.call(Load.removal(Request.Way.URGENT, number, () -> {}));
  }

  @Override
  public Blobs blobs() {
    return blobs;
  }

  /// Every table file's checksums, every index row against its segment.
  @Override
  public void check(Findings findings) {
    engine.read(families -> {
      try {
        families.db().verifyChecksum();
      } catch (RocksDBException e) {
        findings.error("the rows' files are damaged: " + Engine.firstLine(e));
      }
      return true;
    });
    blobs.check(findings);
  }

  private void checkOpen() {
    Invariant.check(!closed, "the store is open");
  }

  @Override
  public void close() {
    if (closed) return;
    closed = true;
    blobs.close();
    commits.close();
    engine.close();
    files.close();
    close(folder);
  }
}
