package org.mailstead.store.rocksdb;

import java.nio.ByteBuffer;

/// Where a blob's octets are.
///
/// @param offset of the first octet of the blob, after the record's header
/// @param checksum CRC32C of the blob
record Location(int segment, long offset, long length, int checksum) {
  static final int BYTES = 25;

  byte[] value() {
    return ByteBuffer.allocate(BYTES)
        .put(Keys.FORMAT)
        .putInt(segment)
        .putLong(offset)
        .putLong(length)
        .putInt(checksum)
        .array();
  }

  static Location of(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    Keys.checkFormat(buffer.get());
    return new Location(buffer.getInt(), buffer.getLong(), buffer.getLong(), buffer.getInt());
  }

  long recordStart() {
    return offset - SegmentRecord.HEADER_BYTES;
  }

  long end() {
    return offset + length;
  }
}
