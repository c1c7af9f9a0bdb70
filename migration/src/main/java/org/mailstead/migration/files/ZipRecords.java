package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/// The records of a zip file. Sections in the comments are those of PKWARE's APPNOTE 6.3.10.
final class ZipRecords {
  static final int LOCAL = 0x0403_4b50;
  static final int CENTRAL = 0x0201_4b50;
  static final int ZIP64_END = 0x0606_4b50;
  static final int ZIP64_LOCATOR = 0x0706_4b50;
  static final int END = 0x0605_4b50;
  static final int LOCAL_BYTES = 30;
  static final int CENTRAL_BYTES = 46;
  static final int END_BYTES = 22;
  static final int STORED = 0;
  static final int DEFLATED = 8;
  static final long FOUR_BYTES_MAX = 0xFFFF_FFFFL;
  static final int TWO_BYTES_MAX = 0xFFFF;

  /// §4.4.4: names are UTF-8.
  static final int UTF_8 = 0x0800;

  static final int ENCRYPTED = 0x0001;
  private static final int NEEDED = 20;
  private static final int NEEDED_ZIP64 = 45;

  /// Made on Unix, so that the modes below count.
  private static final int MADE_BY = 3 << 8 | NEEDED_ZIP64;

  private static final long FILE_MODE = 0100644L << 16;
  private static final long FOLDER_MODE = 040755L << 16 | 0x10;

  private ZipRecords() {}

  /// A file in an archive.
  ///
  /// @param offset of its local header
  /// @param packed octets that it takes
  /// @param size octets that it has
  record Entry(
      String name,
      int flags,
      int method,
      long crc,
      long packed,
      long size,
      long offset,
      long time) {
    boolean isFolder() {
      return name.endsWith("/");
    }
  }

  static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer wrap(byte[] octets) {
    return ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// §4.3.7, ready to be written.
  static ByteBuffer local(Entry entry, byte[] extra) {
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    return buffer(LOCAL_BYTES + name.length + extra.length)
        .putInt(LOCAL)
        .putShort((short) NEEDED)
        .putShort((short) UTF_8)
        .putShort((short) entry.method())
        .putInt(dosTime(entry.time()))
        .putInt((int) entry.crc())
        .putInt((int) entry.packed())
        .putInt((int) entry.size())
        .putShort((short) name.length)
        .putShort((short) extra.length)
        .put(name)
        .put(extra)
        .flip();
  }

  /// §4.3.12, with the time of modification in seconds.
  static ByteBuffer central(Entry entry) {
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    boolean far = entry.offset() >= FOUR_BYTES_MAX;
    int extra = 9 + (far ? 12 : 0);
    ByteBuffer record =
        buffer(CENTRAL_BYTES + name.length + extra)
            .putInt(CENTRAL)
            .putShort((short) MADE_BY)
            .putShort((short) (far ? NEEDED_ZIP64 : NEEDED))
            .putShort((short) UTF_8)
            .putShort((short) entry.method())
            .putInt(dosTime(entry.time()))
            .putInt((int) entry.crc())
            .putInt((int) entry.packed())
            .putInt((int) entry.size())
            .putShort((short) name.length)
            .putShort((short) extra)
            .putShort((short) 0)
            .putShort((short) 0)
            .putShort((short) 0)
            .putInt((int) (entry.isFolder() ? FOLDER_MODE : FILE_MODE))
            .putInt((int) Math.min(entry.offset(), FOUR_BYTES_MAX))
            .put(name)
            .putShort((short) 0x5455)
            .putShort((short) 5)
            .put((byte) 1)
            .putInt(Math.clamp(entry.time(), Integer.MIN_VALUE, Integer.MAX_VALUE));
    // §4.5.3: only what does not fit above.
    if (far) record.putShort((short) 1).putShort((short) 8).putLong(entry.offset());
    return record.flip();
  }

  /// §4.3.14 to §4.3.16: what stands behind the directory.
  static ByteBuffer end(long count, long start, long bytes) {
    boolean far = count >= TWO_BYTES_MAX || start >= FOUR_BYTES_MAX || bytes >= FOUR_BYTES_MAX;
    ByteBuffer record = buffer((far ? 76 : 0) + END_BYTES);
    if (far) {
      record
          .putInt(ZIP64_END)
          .putLong(44)
          .putShort((short) MADE_BY)
          .putShort((short) NEEDED_ZIP64)
          .putInt(0)
          .putInt(0)
          .putLong(count)
          .putLong(count)
          .putLong(bytes)
          .putLong(start)
          .putInt(ZIP64_LOCATOR)
          .putInt(0)
          .putLong(start + bytes)
          .putInt(1);
    }
    short shortCount = (short) Math.min(count, TWO_BYTES_MAX);
    return record
        .putInt(END)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort(shortCount)
        .putShort(shortCount)
        .putInt((int) Math.min(bytes, FOUR_BYTES_MAX))
        .putInt((int) Math.min(start, FOUR_BYTES_MAX))
        .putShort((short) 0)
        .flip();
  }

  /// §4.4.6, in UTC: programs that know the extended timestamp show the right time.
  private static int dosTime(long seconds) {
    LocalDateTime local = LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneOffset.UTC);
    if (local.getYear() < 1980) return 1 << 21 | 1 << 16;
    return Math.min(local.getYear() - 1980, 127) << 25
        | local.getMonthValue() << 21
        | local.getDayOfMonth() << 16
        | local.getHour() << 11
        | local.getMinute() << 5
        | local.getSecond() / 2;
  }

  /// The other way; -1 if it is no time.
  static long seconds(int dosTime) {
    try {
      return LocalDateTime.of(
              1980 + (dosTime >>> 25),
              dosTime >>> 21 & 15,
              dosTime >>> 16 & 31,
              dosTime >>> 11 & 31,
              dosTime >>> 5 & 63,
              Math.min(59, (dosTime & 31) * 2))
          .toEpochSecond(ZoneOffset.UTC);
    } catch (java.time.DateTimeException e) {
      return -1;
    }
  }

  /// A file's octets, whose number and checksum are compared at the end.
  static InputStream open(RandomOctets zip, Entry entry) throws IOException {
    if ((entry.flags() & ENCRYPTED) != 0) throw new IOException("it is encrypted");
    ByteBuffer header = wrap(zip.readFully(entry.offset(), LOCAL_BYTES));
    if (header.getInt(0) != LOCAL) throw new IOException("there is no file at its place");
    int skipped = (header.getShort(26) & TWO_BYTES_MAX) + (header.getShort(28) & TWO_BYTES_MAX);
    long start = entry.offset() + LOCAL_BYTES + skipped;
    InputStream packed = zip.open(start, start + entry.packed());
    return switch (entry.method()) {
      case STORED -> new Checked(packed, entry);
      case DEFLATED -> {
        // An inflater without a header wants one octet more than there is.
        InputStream padded =
            new java.io.SequenceInputStream(packed, new java.io.ByteArrayInputStream(new byte[1]));
        yield new Checked(new Inflating(padded), entry);
      }
      default -> throw new IOException("it is packed by the unknown method " + entry.method());
    };
  }

  private static final class Inflating extends InflaterInputStream {
    Inflating(InputStream packed) {
      super(packed, new Inflater(true), 16_384);
    }

    @Override
    public void close() throws IOException {
      super.close();
      inf.end();
    }
  }

  private static final class Checked extends java.io.FilterInputStream {
    private final Entry entry;
    private final CRC32 crc = new CRC32();
    private long count;

    Checked(InputStream in, Entry entry) {
      super(in);
      this.entry = entry;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] octets, int start, int length) throws IOException {
      int got = super.read(octets, start, length);
      if (got > 0) {
        crc.update(octets, start, got);
        count += got;
        if (count > entry.size()) throw new IOException("it unpacks to more than it says");
      } else if (got < 0 && (count != entry.size() || crc.getValue() != entry.crc())) {
        throw new IOException("it does not have its checksum");
      }
      return got;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
