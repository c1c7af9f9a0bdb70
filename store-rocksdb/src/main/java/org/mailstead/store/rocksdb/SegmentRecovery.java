package org.mailstead.store.rocksdb;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes segments and index agree when the store is opened. The index knows for each segment up to
/// where it covers it. Records behind that were synced, or not, when the process ended: the whole
/// ones are indexed, and the file is cut at the first that is not whole. A segment that is shorter
/// than the index says has lost what was synced: it is left alone, and its blobs are damaged.
final class SegmentRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRecovery.class);

  private final Engine engine;
  private final CommitThread commits;
  private final SegmentFiles files;

  /// The last segment, and whether and where to go on in it.
  record Last(int segment, long end, boolean mayGoOn) {}

  SegmentRecovery(Engine engine, CommitThread commits, SegmentFiles files) {
    this.engine = engine;
    this.commits = commits;
    this.files = files;
  }

  Last run() throws IOException {
    Last last = new Last(0, 0, false);
    for (int segment : files.list()) last = recover(segment);
    return last;
  }

  private Last recover(int segment) throws IOException {
    long size = files.size(segment);
    long indexed = engine.read(families -> indexedEnd(families, segment));
    if (size < SegmentFiles.PREAMBLE_BYTES && indexed == 0) {
      files.delete(segment); // Begun, but never written to.
      return new Last(segment, 0, false);
    }
    if (size < indexed) {
      LOG.error(
          "segment {} has {} octets, but {} were written: blobs are lost", segment, size, indexed);
      return new Last(segment, size, false);
    }
    if (size == indexed) return new Last(segment, size, true);
    try (FileChannel channel =
        FileChannel.open(files.file(segment), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long salt = files.salt(channel);
      long end = indexTail(channel, segment, Math.max(indexed, SegmentFiles.PREAMBLE_BYTES), salt);
      if (end < size) {
        LOG.info("segment {}: {} octets of an unfinished write removed", segment, size - end);
        channel.truncate(end);
      }
      channel.force(true);
      return new Last(segment, end, true);
    }
  }

  private long indexTail(FileChannel channel, int segment, long from, long salt)
      throws IOException {
    long position = from;
    while (true) {
      Optional<SegmentRecord> header = SegmentRecord.read(channel, position, salt);
      if (header.isEmpty()) return position;
      SegmentRecord record = header.get();
      long offset = position + SegmentRecord.HEADER_BYTES;
      if (record.length() > channel.size() - offset) return position;
      if (checksum(channel, offset, record.length()) != record.checksum()) return position;
      Location location = new Location(segment, offset, record.length(), record.checksum());
      commits.call(
          new Request(Request.Way.URGENT) {
            @Override
            void prepare(Group group) throws RocksDBException {
              index(group, List.of(record), List.of(location));
            }
          });
      position = location.end();
    }
  }

  private static int checksum(FileChannel channel, long offset, long length) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer part = ByteBuffer.allocate(128 << 10);
    for (long done = 0; done < length; ) {
      part.clear().limit((int) Math.min(part.capacity(), length - done));
      int count = channel.read(part, offset + done);
      if (count < 0) throw new EOFException("segment ends early");
      crc.update(part.flip());
      done += count;
    }
    return (int) crc.getValue();
  }

  static long indexedEnd(Engine.Families families, int segment) throws RocksDBException {
    byte @Nullable [] value = families.db().get(families.meta(), Keys.indexed(segment));
    return value == null ? 0 : Keys.longValue(value);
  }

  /// Index and holder rows of records that follow one another in a segment. A copy (no holder) is
  /// switched to by the sweeper later; here it only moves the end.
  static void index(Group group, List<SegmentRecord> records, List<Location> locations)
      throws RocksDBException {
    Engine.Families families = group.families();
    for (int i = 0; i < records.size(); i++) {
      SegmentRecord record = records.get(i);
      if (record.holder() == 0) continue;
      group.put(families.blobs(), Keys.blob(record.blob()), locations.get(i).value());
      group.put(
          families.holders(),
          Keys.holder(record.blob(), record.holder()),
          new byte[] {Keys.FORMAT});
    }
    Location last = locations.getLast();
    group.put(families.meta(), Keys.indexed(last.segment()), Keys.longValue(last.end()));
  }
}
