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

/// Checks that index, holders and segments agree. The octets themselves are read by
/// [org.mailstead.store.StoreCheck].
final class BlobCheck {
  private static final int PAGE_COUNT = 1000;

  private final Engine engine;
  private final SegmentFiles files;

  BlobCheck(Engine engine, SegmentFiles files) {
    this.engine = engine;
    this.files = files;
  }

  private record Opened(FileChannel channel, long salt, long size) {}

  private record Entry(BlobId blob, Location location) {}

  void run(Findings findings) {
    checkHolders(findings);
    Map<Integer, Optional<Opened>> segments = new HashMap<>();
    byte[] from = new byte[0];
    do {
      byte[] start = from;
      List<Entry> page = new ArrayList<>();
      from = engine.read(families -> readPage(families, start, page));
      for (Entry entry : page) {
        segments
            .computeIfAbsent(entry.location().segment(), segment -> open(segment, findings))
            .ifPresentOrElse(
                segment -> check(entry, segment, findings),
                () ->
                    findings.error(
                        "blob "
                            + entry.blob()
                            + ": segment "
                            + entry.location().segment()
                            + " cannot be read"));
      }
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

  private Optional<Opened> open(int segment, Findings findings) {
    try {
      FileChannel channel = FileChannel.open(files.file(segment), StandardOpenOption.READ);
      try {
        return Optional.of(new Opened(channel, files.salt(channel), channel.size()));
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      findings.error("segment " + segment + " cannot be opened: " + Engine.firstLine(e));
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

  private static void check(Entry entry, Opened segment, Findings findings) {
    Location location = entry.location();
    if (location.end() > segment.size()) {
      findings.error(
          "blob " + entry.blob() + ": segment " + location.segment() + " ends before it");
      return;
    }
    try {
      Optional<SegmentRecord> record =
          SegmentRecord.read(segment.channel(), location.recordStart(), segment.salt());
      boolean agrees =
          record.isPresent()
              && record.get().blob().equals(entry.blob())
              && record.get().length() == location.length()
              && record.get().checksum() == location.checksum();
      if (!agrees) {
        findings.error(
            "blob " + entry.blob() + ": segment " + location.segment() + " has another record");
      }
    } catch (IOException e) {
      findings.error("blob " + entry.blob() + " cannot be read: " + Engine.firstLine(e));
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
                // A dropped holder is removed by the next sweep.
                if (name != null && RocksBlobs.indexed(families, blob).isEmpty()) {
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
