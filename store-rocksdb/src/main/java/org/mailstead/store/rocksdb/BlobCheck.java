package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.store.BlobId;
import org.mailstead.store.Findings;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks that index, holders and segments agree, while the store may be in use: what looks wrong
/// is believed when the index says the same place still. The octets themselves are read by
/// [org.mailstead.store.StoreCheck].
final class BlobCheck {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCheck.class);
  private static final int PAGE_COUNT = 1000;

  private final Engine engine;
  private final SegmentFiles files;

  BlobCheck(Engine engine, SegmentFiles files) {
    this.engine = engine;
    this.files = files;
  }

  private record Opened(FileChannel channel, long salt) {}

  private record Entry(BlobId blob, Location location) {}

  void run(Findings findings) {
    checkHolders(findings);
    Map<Integer, Optional<Opened>> segments = new HashMap<>();
    byte[] from = new byte[0];
    do {
      byte[] start = from;
      List<Entry> page = new ArrayList<>();
      from = engine.read(families -> readPage(families, start, page));
      for (Entry entry : page) check(entry, segments, findings);
    } while (from.length > 0);
    segments.values().forEach(segment -> segment.ifPresent(BlobCheck::close));
  }

  private static byte[] readPage(Engine.Families families, byte[] from, List<Entry> page)
      throws RocksDBException {
    try (RocksIterator blobs = families.db().newIterator(families.blobs())) {
      for (blobs.seek(from); blobs.isValid(); blobs.next()) {
        if (page.size() == PAGE_COUNT) return blobs.key();
        page.add(new Entry(Keys.blob(blobs.key(), 0), Location.of(blobs.value())));
      }
      blobs.status();
    }
    return new byte[0];
  }

  private void check(Entry entry, Map<Integer, Optional<Opened>> segments, Findings findings) {
    Entry now = entry;
    while (true) {
      int number = now.location().segment();
      Optional<Opened> segment = segments.computeIfAbsent(number, this::open);
      Optional<String> problem =
          segment.isPresent() ? problem(now, segment.get()) : Optional.of("cannot be opened");
      if (problem.isEmpty()) return;
      // The sweeper may have removed or moved the blob, and then deletes the segment.
      BlobId blob = now.blob();
      Optional<Location> place = engine.read(families -> RocksBlobs.indexed(families, blob));
      if (place.isEmpty()) return;
      if (place.get().equals(now.location())) {
        findings.error("blob " + blob + ": segment " + number + " " + problem.get());
        return;
      }
      now = new Entry(blob, place.get());
    }
  }

  private Optional<Opened> open(int segment) {
    try {
      FileChannel channel = FileChannel.open(files.file(segment), StandardOpenOption.READ);
      try {
        return Optional.of(new Opened(channel, files.salt(channel)));
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      LOG.warn("segment {} cannot be opened: {}", segment, Engine.firstLine(e));
      return Optional.empty();
    }
  }

  private static void close(Opened segment) {
    try {
      segment.channel().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Optional<String> problem(Entry entry, Opened segment) {
    Location location = entry.location();
    try {
      if (location.end() > segment.channel().size()) return Optional.of("ends before it");
      Optional<SegmentRecord> record =
          SegmentRecord.read(segment.channel(), location.recordStart(), segment.salt());
      boolean agrees =
          record.isPresent()
              && record.get().blob().equals(entry.blob())
              && record.get().length() == location.length()
              && record.get().checksum() == location.checksum();
      return agrees ? Optional.empty() : Optional.of("has another record");
    } catch (IOException e) {
      return Optional.of("cannot be read: " + Engine.firstLine(e));
    }
  }

  private void checkHolders(Findings findings) {
    byte[] from = new byte[0];
    do {
      byte[] start = from;
      from =
          engine.read(families -> {
            try (RocksIterator holders = families.db().newIterator(families.holders())) {
              int count = 0;
              for (holders.seek(start); holders.isValid(); holders.next()) {
                byte[] key = holders.key();
                if (count++ == PAGE_COUNT) return key;
                BlobId blob = Keys.blob(key, 0);
                byte[] name =
                    families
                        .db()
                        .get(families.meta(), Keys.numberName(Keys.numberAt(key, BlobId.BYTES)));
                // A dropped holder is removed by the next sweep. One that was taken back while we
                // looked, so that the blob was swept, is not there any more.
                if (name != null
                    && RocksBlobs.indexed(families, blob).isEmpty()
                    && families.db().get(families.holders(), key) != null) {
                  findings.error(
                      Keys.partition(name, 1) + ": holds blob " + blob + ", which is not there");
                }
              }
              holders.status();
            }
            return new byte[0];
          });
    } while (from.length > 0);
  }
}
