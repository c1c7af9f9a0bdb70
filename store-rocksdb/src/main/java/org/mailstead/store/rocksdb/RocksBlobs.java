package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.Findings;
import org.mailstead.store.PartitionId;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// Blobs in segment files, their index and holders in RocksDB.
///
/// `put` returns when the blob's octets are synced in a segment. Its index and holder rows are
/// handed to the commit thread without waiting and ride with the next commit, or are written 50 ms
/// later: the log of RocksDB keeps their order, so a commit that refers to the blob makes them
/// durable too. If the process dies before, the segment's records behind the last indexed one are
/// read again at the next start; a record names its first holder. Until its index row is written, a
/// blob is found in `unindexed`.
///
/// `hold` and the sweeper's removal exclude each other by a lock, so that a holder is either there
/// before the removal looks, or finds the blob gone.
final class RocksBlobs implements Blobs {
  private static final int READ_TRIES_MAX = 4;

  private final Engine engine;
  private final CommitThread commits;
  private final Partitions partitions;
  private final SegmentFiles files;
  private final SegmentThread segments;
  private final BlobSweep sweep;
  private final ConcurrentHashMap<BlobId, Location> unindexed = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock removal = new ReentrantReadWriteLock();

  RocksBlobs(
      Engine engine,
      CommitThread commits,
      Partitions partitions,
      SegmentFiles files,
      long segmentBytes,
      InstantSource clock,
      RandomGenerator random,
      Step.Listener steps)
      throws IOException {
    this.engine = engine;
    this.commits = commits;
    this.partitions = partitions;
    this.files = files;
    SegmentRecovery recovery = new SegmentRecovery(engine, commits, files);
    SegmentRecovery.Last last = recovery.run();
    this.segments =
        new SegmentThread(files, last.segment() + 1, segmentBytes, random, steps, this::queueIndex);
    if (last.mayGoOn() && last.end() < segmentBytes) segments.resume(last.segment(), last.end());
    segments.start();
    this.sweep = new BlobSweep(engine, commits, files, segments, removal, clock, steps);
  }

  @Override
  public void put(PartitionId holder, List<NewBlob> blobs) {
    if (blobs.isEmpty()) return;
    long number = number(holder);
    List<SegmentRecord> records = new ArrayList<>();
    List<ByteBuffer> contents = new ArrayList<>();
    for (NewBlob blob : blobs) {
      ByteBuffer content = blob.content().buffer();
      records.add(
          new SegmentRecord(blob.id(), number, content.remaining(), checksum(content.duplicate())));
      contents.add(content);
    }
    var _ = segments.append(new SegmentThread.Put(records, contents));
  }

  private static int checksum(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return (int) crc.getValue();
  }

  /// The partition's number; given to it now, durably, if it has none.
  private long number(PartitionId partition) {
    long number = engine.read(families -> partitions.find(families, partition));
    if (number >= 0) return number;
    commits.call(
        new Request(Request.Way.URGENT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            var _ = group.intern(partition);
            group.sync();
          }
        });
    return engine.read(families -> partitions.find(families, partition));
  }

  /// Called by the segment thread for synced records, in their order.
  private void queueIndex(SegmentThread.Put put, List<Location> locations) {
    List<SegmentRecord> records = put.records;
    boolean copies = !records.isEmpty() && records.getFirst().holder() == 0;
    for (int i = 0; !copies && i < records.size(); i++) {
      unindexed.put(records.get(i).blob(), locations.get(i));
    }
    commits.submit(
        new Request(Request.Way.KEPT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            SegmentRecovery.index(group, records, locations);
          }

          @Override
          void written() {
            for (int i = 0; !copies && i < records.size(); i++) {
              unindexed.remove(records.get(i).blob(), locations.get(i));
            }
          }
        });
  }

  @Override
  public void hold(PartitionId holder, BlobId blob) {
    long number = number(holder);
    removal.readLock().lock();
    try {
      if (find(blob).isEmpty()) throw gone(blob);
      commits.submit(
          new Request(Request.Way.KEPT) {
            @Override
            void prepare(Group group) throws RocksDBException {
              Engine.Families families = group.families();
              group.put(families.holders(), Keys.holder(blob, number), new byte[] {Keys.FORMAT});
              group.delete(families.meta(), Keys.unheld(blob));
            }
          });
    } finally {
      removal.readLock().unlock();
    }
  }

  @Override
  public void release(PartitionId holder, BlobId blob) {
    long number = engine.read(families -> partitions.find(families, holder));
    if (number < 0) return;
    commits.submit(
        new Request(Request.Way.KEPT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            group.delete(group.families().holders(), Keys.holder(blob, number));
          }
        });
  }

  @Override
  public Optional<Long> find(BlobId blob) {
    return location(blob).map(Location::length);
  }

  private Optional<Location> location(BlobId blob) {
    // First here: a blob leaves this map only after its index row is written.
    Location fresh = unindexed.get(blob);
    if (fresh != null) return Optional.of(fresh);
    return engine.read(families -> indexed(families, blob));
  }

  static Optional<Location> indexed(Engine.Families families, BlobId blob) throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.blobs(), Keys.blob(blob));
    return value == null ? Optional.empty() : Optional.of(Location.of(value));
  }

  @Override
  public byte[] read(BlobId blob, long offset, int length) {
    for (int tries = 1; ; tries++) {
      Location location = location(blob).orElseThrow(() -> gone(blob));
      Objects.checkFromIndexSize(offset, length, location.length());
      try {
        byte[] octets = files.read(location.segment(), location.offset() + offset, length);
        if (length == location.length()
            && checksum(ByteBuffer.wrap(octets)) != location.checksum()) {
          throw new DamagedBlobException(blob, "its checksum is wrong");
        }
        return octets;
      } catch (NoSuchFileException e) {
        // The sweeper has moved the blob to another segment and removed this one.
        if (tries == READ_TRIES_MAX) {
          throw new DamagedBlobException(blob, "segment " + location.segment() + " is missing");
        }
      } catch (IOException e) {
        throw new DamagedBlobException(
            blob, "segment " + location.segment() + " cannot be read: " + Engine.firstLine(e));
      }
    }
  }

  private static RefusedException gone(BlobId blob) {
    return new RefusedException(Refusal.NOT_FOUND, "no such blob", "blob " + blob + " is gone");
  }

  @Override
  public List<PartitionId> holders(BlobId blob) {
    commits.barrier(false);
    return engine.read(families -> {
      List<PartitionId> holders = new ArrayList<>();
      byte[] prefix = Keys.blob(blob);
      try (RocksIterator all = families.db().newIterator(families.holders())) {
        for (all.seek(prefix); all.isValid(); all.next()) {
          byte[] key = all.key();
          if (!Keys.blob(key, 0).equals(blob)) break;
          // A holder that was dropped does not count any more.
          Partitions.findName(families, Keys.numberAt(key, BlobId.BYTES)).ifPresent(holders::add);
        }
        all.status();
      }
      return holders;
    });
  }

  @Override
  public List<BlobId> list(Optional<BlobId> after, int countMax) {
    commits.barrier(false);
    return engine.read(families -> {
      List<BlobId> page = new ArrayList<>();
      byte[] start = after.map(Keys::blob).orElse(new byte[0]);
      try (RocksIterator all = families.db().newIterator(families.blobs())) {
        all.seek(start);
        if (all.isValid() && after.isPresent() && Keys.blob(all.key(), 0).equals(after.get())) {
          all.next();
        }
        for (; all.isValid() && page.size() < countMax; all.next()) {
          page.add(Keys.blob(all.key(), 0));
        }
        all.status();
      }
      return page;
    });
  }

  /// One walk along both families, which have the same order.
  @Override
  public NavigableMap<BlobId, List<PartitionId>> listHolders(Optional<BlobId> after, int countMax) {
    commits.barrier(false);
    return engine.read(families -> {
      NavigableMap<BlobId, List<PartitionId>> page = new TreeMap<>();
      Map<Long, Optional<PartitionId>> names = new HashMap<>();
      byte[] start = after.map(Keys::blob).orElse(new byte[0]);
      // The holders after the blobs: whoever put a blob that is seen is seen too.
      try (RocksIterator all = families.db().newIterator(families.blobs());
          RocksIterator holders = families.db().newIterator(families.holders())) {
        all.seek(start);
        if (all.isValid() && after.isPresent() && Keys.blob(all.key(), 0).equals(after.get())) {
          all.next();
        }
        if (all.isValid()) holders.seek(all.key());
        for (; all.isValid() && page.size() < countMax; all.next()) {
          BlobId blob = Keys.blob(all.key(), 0);
          List<PartitionId> found = new ArrayList<>();
          for (; holders.isValid(); holders.next()) {
            byte[] key = holders.key();
            int order = Keys.blob(key, 0).compareTo(blob);
            if (order > 0) break;
            if (order < 0) continue;
            long number = Keys.numberAt(key, BlobId.BYTES);
            Optional<PartitionId> name = names.get(number);
            if (name == null) {
              name = Partitions.findName(families, number);
              names.put(number, name);
            }
            name.ifPresent(found::add);
          }
          page.put(blob, found);
        }
        all.status();
        holders.status();
      }
      return page;
    });
  }

  @Override
  public Swept sweep() {
    return sweep.run();
  }

  /// Every index row must lead to a whole record of that blob, every holder to an index row.
  void check(Findings findings) {
    commits.barrier(false);
    new BlobCheck(engine, files).run(findings);
  }

  /// Whether the blob has a holder that exists.
  ///
  /// @param holders an iterator over the holders
  /// @param dead gets the rows of holders that were dropped
  static boolean hasHolder(
      Engine.Families families, RocksIterator holders, BlobId blob, List<byte[]> dead)
      throws RocksDBException {
    boolean held = false;
    for (holders.seek(Keys.blob(blob)); holders.isValid(); holders.next()) {
      byte[] key = holders.key();
      if (!Keys.blob(key, 0).equals(blob)) break;
      if (Partitions.findName(families, Keys.numberAt(key, BlobId.BYTES)).isPresent()) {
        held = true;
      } else {
        dead.add(key);
      }
    }
    holders.status();
    return held;
  }

  void close() {
    segments.close();
  }
}
