package org.mailstead.store.rocksdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.mailstead.base.Invariant;
import org.mailstead.store.BlobId;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;

/// The keys and values of the store's own rows. A partition is a 40-bit number, never used again
/// after a drop.
///
/// | family | key → value |
/// |---|---|
/// | rows | number, collection, key → row; number, 0 → version |
/// | once | number, collection, key → write-once value |
/// | commits | time slot, number, commit id → version |
/// | blobs | blob id → segment, offset, length, checksum |
/// | holders | blob id, number → – |
/// | meta | see the letters below |
final class Keys {
  static final byte FORMAT = 1;
  static final int NUMBER_BYTES = 5;
  static final int PREFIX_BYTES = NUMBER_BYTES + 1;

  /// Name → number.
  static final byte META_NAME = 'n';

  /// Number → name.
  static final byte META_NUMBER = 'N';

  /// The first partition number that was never reserved.
  static final byte META_RESERVED = 'r';

  /// Collection → which kinds of values it ever had.
  static final byte META_KINDS = 'k';

  /// Segment → up to where its records are indexed.
  static final byte META_INDEXED = 's';

  /// Blob → since when it has no holders.
  static final byte META_UNHELD = 'u';

  /// Number of a partition that is being loaded and does not exist yet.
  static final byte META_LOADING = 'l';

  /// Written to see whether writing works.
  static final byte META_PROBE = 'p';

  private Keys() {}

  private static void putNumber(ByteBuffer to, long number) {
    to.put((byte) (number >>> 32)).putInt((int) number);
  }

  static byte[] number(long number) {
    ByteBuffer key = ByteBuffer.allocate(NUMBER_BYTES);
    putNumber(key, number);
    return key.array();
  }

  static byte[] row(long number, int collection, byte[] key) {
    byte[] whole = new byte[PREFIX_BYTES + key.length];
    ByteBuffer buffer = ByteBuffer.wrap(whole);
    putNumber(buffer, number);
    buffer.put((byte) collection).put(key);
    return whole;
  }

  static byte[] version(long number) {
    return row(number, 0, new byte[0]);
  }

  static byte[] keyOfRow(byte[] whole) {
    return Arrays.copyOfRange(whole, PREFIX_BYTES, whole.length);
  }

  /// A format byte and a number.
  static byte[] longValue(long value) {
    return ByteBuffer.allocate(9).put(FORMAT).putLong(value).array();
  }

  static long longValue(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    checkFormat(buffer.get());
    return buffer.getLong();
  }

  static void checkFormat(byte format) {
    Invariant.check(format == FORMAT, "a stored value has a known format: " + format);
  }

  static byte[] commit(int slot, long number, CommitId commitId) {
    ByteBuffer key = ByteBuffer.allocate(4 + NUMBER_BYTES + 16).putInt(slot);
    putNumber(key, number);
    return key.putLong(commitId.high()).putLong(commitId.low()).array();
  }

  static byte[] slot(int slot) {
    return ByteBuffer.allocate(4).putInt(slot).array();
  }

  static byte[] meta(byte letter) {
    return new byte[] {letter};
  }

  static byte[] meta(byte letter, byte[] rest) {
    return ByteBuffer.allocate(1 + rest.length).put(letter).put(rest).array();
  }

  static byte[] name(PartitionId partition) {
    return meta(META_NAME, partition.value().getBytes(StandardCharsets.UTF_8));
  }

  static byte[] name(String prefix) {
    return meta(META_NAME, prefix.getBytes(StandardCharsets.UTF_8));
  }

  static PartitionId partition(byte[] octets, int from) {
    return new PartitionId(new String(octets, from, octets.length - from, StandardCharsets.UTF_8));
  }

  static byte[] numberName(long number) {
    return meta(META_NUMBER, number(number));
  }

  static byte[] loading(long number) {
    return meta(META_LOADING, number(number));
  }

  static byte[] indexed(int segment) {
    return ByteBuffer.allocate(5).put(META_INDEXED).putInt(segment).array();
  }

  static byte[] kinds(int collection) {
    return new byte[] {META_KINDS, (byte) collection};
  }

  static byte[] blob(BlobId blob) {
    return ByteBuffer.allocate(BlobId.BYTES).putLong(blob.high()).putLong(blob.low()).array();
  }

  static BlobId blob(byte[] key, int from) {
    ByteBuffer buffer = ByteBuffer.wrap(key, from, BlobId.BYTES);
    return new BlobId(buffer.getLong(), buffer.getLong());
  }

  static byte[] unheld(BlobId blob) {
    return meta(META_UNHELD, blob(blob));
  }

  static byte[] holder(BlobId blob, long number) {
    ByteBuffer key =
        ByteBuffer.allocate(BlobId.BYTES + NUMBER_BYTES).putLong(blob.high()).putLong(blob.low());
    putNumber(key, number);
    return key.array();
  }

  static long numberAt(byte[] key, int from) {
    ByteBuffer buffer = ByteBuffer.wrap(key, from, NUMBER_BYTES);
    return ((buffer.get() & 0xFFL) << 32) | (buffer.getInt() & 0xFFFF_FFFFL);
  }

  /// Where a prefix ends; there is always such a place for the prefixes used here.
  static byte[] after(byte[] prefix) {
    Optional<byte[]> next = org.mailstead.store.Range.successor(prefix);
    return next.orElseThrow();
  }
}
