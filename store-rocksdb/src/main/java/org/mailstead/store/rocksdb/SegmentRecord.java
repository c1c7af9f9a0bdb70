package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.mailstead.store.BlobId;

/// The header of a blob in a segment file; the blob's octets follow it.
///
/// | octets | |
/// |---|---|
/// | 0–3 | magic |
/// | 4 | format |
/// | 8–23 | blob id |
/// | 24–31 | number of the first holder; 0: none (a copy) |
/// | 32–39 | length |
/// | 40–43 | CRC32C of the blob |
/// | 44–47 | CRC32C of the above and the segment's salt |
///
/// The salt is random for each segment, so that no blob can contain what looks like a record.
record SegmentRecord(BlobId blob, long holder, long length, int checksum) {
  static final int HEADER_BYTES = 48;
  private static final int MAGIC = 0x4D53_4231;

  ByteBuffer header(long salt) {
    ByteBuffer header =
        ByteBuffer.allocate(HEADER_BYTES)
            .putInt(MAGIC)
            .putInt(Keys.FORMAT << 24)
            .putLong(blob.high())
            .putLong(blob.low())
            .putLong(holder)
            .putLong(length)
            .putInt(checksum);
    return header.putInt(headerChecksum(header, salt)).flip();
  }

  private static int headerChecksum(ByteBuffer header, long salt) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(0).limit(HEADER_BYTES - 4));
    crc.update(ByteBuffer.allocate(8).putLong(salt).flip());
    return (int) crc.getValue();
  }

  /// The header at this place; empty if there is no whole one.
  static Optional<SegmentRecord> read(FileChannel channel, long position, long salt)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    while (header.hasRemaining()) {
      if (channel.read(header, position + header.position()) < 0) return Optional.empty();
    }
    header.flip();
    if (header.getInt() != MAGIC || header.get() != Keys.FORMAT) return Optional.empty();
    header.position(8);
    SegmentRecord record =
        new SegmentRecord(
            new BlobId(header.getLong(), header.getLong()),
            header.getLong(),
            header.getLong(),
            header.getInt());
    return header.getInt() == headerChecksum(header, salt) && record.length >= 0
        ? Optional.of(record)
        : Optional.empty();
  }
}
