package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One pass over the blobs, in pages: marks those without holders, removes those whose mark is old
/// enough, and gives space back. A removal looks for holders once more, in the commit thread and
/// with new holders locked out, so that one that came in between defeats it.
///
/// A segment of which less than half is alive is copied to the current one and deleted; at most
/// [RocksLimits#COMPACTED_BYTES_MAX] in one pass. The order is: copies synced, index switched (each
/// only if it still says the old place), index synced, file deleted.
final class BlobSweep {
  private static final Logger LOG = LoggerFactory.getLogger(BlobSweep.class);
  private static final int PAGE_COUNT = 1000;

  private final Engine engine;
  private final CommitThread commits;
  private final SegmentFiles files;
  private final SegmentThread segments;
  private final ReentrantReadWriteLock removal;
  private final InstantSource clock;
  private final Step.Listener steps;
  private final ReentrantLock oneAtATime = new ReentrantLock();

  BlobSweep(
      Engine engine,
      CommitThread commits,
      SegmentFiles files,
      SegmentThread segments,
      ReentrantReadWriteLock removal,
      InstantSource clock,
      Step.Listener steps) {
    this.engine = engine;
    this.commits = commits;
    this.files = files;
    this.segments = segments;
    this.removal = removal;
    this.clock = clock;
    this.steps = steps;
  }

  private record Entry(BlobId blob, Location location) {}

  /// What one page of the pass found.
  private record Found(
      List<Entry> entries,
      List<BlobId> toMark,
      List<BlobId> toUnmark,
      List<Entry> old,
      List<byte[]> toDelete) {
    Found() {
      this(
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  Blobs.Swept run() {
    oneAtATime.lock();
    try {
      // First the number, then the barrier: every record of a segment that was closed by then has
      // its index row after it. The other way round a segment could close in between.
      int current = segments.current();
      commits.barrier(false);
      Map<Integer, Long> live = new HashMap<>();
      long blobsRemoved = 0;
      Optional<BlobId> after = Optional.empty();
      do {
        Optional<BlobId> from = after;
        Found found = engine.read(families -> look(families, from));
        for (Entry entry : found.entries()) {
          long octets = SegmentRecord.HEADER_BYTES + entry.location().length();
          live.merge(entry.location().segment(), octets, Long::sum);
        }
        mark(found);
        for (Entry removed : remove(found.old())) {
          long octets = SegmentRecord.HEADER_BYTES + removed.location().length();
          live.merge(removed.location().segment(), -octets, Long::sum);
          blobsRemoved++;
        }
        after =
            found.entries().size() < PAGE_COUNT
                ? Optional.empty()
                : Optional.of(found.entries().getLast().blob());
      } while (after.isPresent());
      return new Blobs.Swept(blobsRemoved, compact(live, current));
    } catch (IOException e) {
      LOG.error("segments could not be compacted", e);
      return new Blobs.Swept(0, 0);
    } finally {
      oneAtATime.unlock();
    }
  }

  private Found look(Engine.Families families, Optional<BlobId> after) throws RocksDBException {
    Found found = new Found();
    long now = clock.millis();
    try (RocksIterator blobs = families.db().newIterator(families.blobs());
        RocksIterator holders = families.db().newIterator(families.holders())) {
      blobs.seek(after.map(Keys::blob).orElse(new byte[0]));
      if (after.isPresent() && blobs.isValid() && Keys.blob(blobs.key(), 0).equals(after.get())) {
        blobs.next();
      }
      for (; blobs.isValid() && found.entries().size() < PAGE_COUNT; blobs.next()) {
        Entry entry = new Entry(Keys.blob(blobs.key(), 0), Location.of(blobs.value()));
        found.entries().add(entry);
        boolean held = RocksBlobs.hasHolder(families, holders, entry.blob(), found.toDelete());
        byte @Nullable [] since = families.db().get(families.meta(), Keys.unheld(entry.blob()));
        if (held) {
          if (since != null) found.toUnmark().add(entry.blob());
        } else if (since == null) {
          found.toMark().add(entry.blob());
        } else if (now - Keys.longValue(since) >= Blobs.UNHELD_KEPT.toMillis()) {
          found.old().add(entry);
        }
      }
      blobs.status();
    }
    return found;
  }

  private void mark(Found found) {
    if (found.toMark().isEmpty() && found.toUnmark().isEmpty() && found.toDelete().isEmpty()) {
      return;
    }
    byte[] now = Keys.longValue(clock.millis());
    removal.writeLock().lock();
    try {
      commits.call(
          new Request(Request.Way.ALONE) {
            @Override
            void prepare(Group group) throws RocksDBException {
              Engine.Families families = group.families();
              for (byte[] dead : found.toDelete()) group.delete(families.holders(), dead);
              for (BlobId blob : found.toUnmark()) {
                group.delete(families.meta(), Keys.unheld(blob));
              }
              try (RocksIterator holders = families.db().newIterator(families.holders())) {
                for (BlobId blob : found.toMark()) {
                  if (!RocksBlobs.hasHolder(families, holders, blob, new ArrayList<>())) {
                    group.put(families.meta(), Keys.unheld(blob), now);
                  }
                }
              }
            }
          });
    } finally {
      removal.writeLock().unlock();
    }
    steps.reached(Step.SWEEP_MARKED);
  }

  /// Those that really had no holder, and are gone.
  private List<Entry> remove(List<Entry> old) {
    List<Entry> removed = new ArrayList<>();
    if (old.isEmpty()) return removed;
    long now = clock.millis();
    removal.writeLock().lock();
    try {
      commits.call(
          new Request(Request.Way.ALONE) {
            @Override
            void prepare(Group group) throws RocksDBException {
              Engine.Families families = group.families();
              try (RocksIterator holders = families.db().newIterator(families.holders())) {
                for (Entry entry : old) {
                  if (!mayRemove(families, holders, entry.blob(), now)) continue;
                  group.delete(families.blobs(), Keys.blob(entry.blob()));
                  group.delete(families.meta(), Keys.unheld(entry.blob()));
                  removed.add(entry);
                }
              }
              group.sync();
            }
          });
    } finally {
      removal.writeLock().unlock();
    }
    steps.reached(Step.SWEEP_REMOVED);
    return removed;
  }

  private static boolean mayRemove(
      Engine.Families families, RocksIterator holders, BlobId blob, long now)
      throws RocksDBException {
    byte @Nullable [] since = families.db().get(families.meta(), Keys.unheld(blob));
    return since != null
        && now - Keys.longValue(since) >= Blobs.UNHELD_KEPT.toMillis()
        && !RocksBlobs.hasHolder(families, holders, blob, new ArrayList<>());
  }

  /// Octets given back.
  private long compact(Map<Integer, Long> live, int current) throws IOException {
    Set<Integer> victims = new HashSet<>();
    long toCopy = 0;
    for (int segment : files.list()) {
      if (segment >= current) break;
      long alive = live.getOrDefault(segment, 0L);
      if (alive * 2 >= files.size(segment)) continue;
      if (toCopy + alive > RocksLimits.COMPACTED_BYTES_MAX) break;
      toCopy += alive;
      victims.add(segment);
    }
    if (victims.isEmpty()) return 0;
    Set<Integer> kept = new HashSet<>();
    for (Entry entry : entriesOf(victims)) {
      if (!copy(entry)) kept.add(entry.location().segment());
    }
    commits.barrier(true);
    steps.reached(Step.COPY_SWITCHED);
    victims.removeAll(kept);
    long freed = -toCopy;
    for (int segment : victims) {
      freed += files.size(segment);
      files.delete(segment);
      steps.reached(Step.SEGMENT_DELETED);
      commits.call(
          new Request(Request.Way.URGENT) {
            @Override
            void prepare(Group group) throws RocksDBException {
              group.delete(group.families().meta(), Keys.indexed(segment));
            }
          });
    }
    return Math.max(0, freed);
  }

  private List<Entry> entriesOf(Set<Integer> victims) {
    List<Entry> entries = new ArrayList<>();
    byte[] from = new byte[0];
    while (true) {
      byte[] start = from;
      byte[] next =
          engine.read(families -> {
            try (RocksIterator blobs = families.db().newIterator(families.blobs())) {
              int count = 0;
              for (blobs.seek(start); blobs.isValid(); blobs.next()) {
                if (count++ == PAGE_COUNT) return blobs.key();
                Location location = Location.of(blobs.value());
                if (victims.contains(location.segment())) {
                  entries.add(new Entry(Keys.blob(blobs.key(), 0), location));
                }
              }
              blobs.status();
            }
            return new byte[0];
          });
      if (next.length == 0) return entries;
      from = next;
    }
  }

  /// Copies a blob and switches its index row. False: it cannot be read whole, so its segment must
  /// stay.
  private boolean copy(Entry entry) {
    Location old = entry.location();
    byte[] octets;
    try {
      octets = files.read(old.segment(), old.offset(), Math.toIntExact(old.length()));
    } catch (IOException | ArithmeticException e) {
      LOG.error("blob {} cannot be copied; segment {} is kept", entry.blob(), old.segment(), e);
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(octets);
    if ((int) crc.getValue() != old.checksum()) {
      LOG.error("blob {} is damaged; segment {} is kept", entry.blob(), old.segment());
      return false;
    }
    SegmentRecord record = new SegmentRecord(entry.blob(), 0, old.length(), old.checksum());
    Location fresh =
        segments
            .append(new SegmentThread.Put(List.of(record), List.of(ByteBuffer.wrap(octets))))
            .getFirst();
    steps.reached(Step.COPY_SYNCED);
    byte[] oldValue = old.value();
    commits.submit(
        new Request(Request.Way.KEPT) {
          @Override
          void prepare(Group group) throws RocksDBException {
            Engine.Families families = group.families();
            byte[] key = Keys.blob(entry.blob());
            byte @Nullable [] present = families.db().get(families.blobs(), key);
            if (present != null && Arrays.equals(present, oldValue)) {
              group.put(families.blobs(), key, fresh.value());
            }
          }
        });
    return true;
  }
}
