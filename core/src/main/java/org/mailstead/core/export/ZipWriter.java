package org.mailstead.core.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;

/// Writes a zip file to a stream that cannot go back, of any length and with any number of files.
/// The JDK's writer keeps every entry in memory until the end; this one keeps the central directory
/// in the spool, so that a mailbox of millions of messages costs no more memory than a small one.
/// Archives over 4 GB or 65,535 files get the Zip64 records, which every program of this century
/// reads.
///
/// Sections in the comments are those of PKWARE's APPNOTE 6.3.10.
final class ZipWriter implements AutoCloseable {
  private static final int LOCAL = 0x0403_4b50;
  private static final int DESCRIPTOR = 0x0807_4b50;
  private static final int CENTRAL = 0x0201_4b50;
  private static final int ZIP64_END = 0x0606_4b50;
  private static final int ZIP64_LOCATOR = 0x0706_4b50;
  private static final int END = 0x0605_4b50;
  private static final int NEEDED_ZIP64 = 45;
  private static final int NEEDED = 20;

  /// §4.4.4: a data descriptor follows; names are UTF-8.
  private static final int FLAGS = 0x0808;

  private static final int DEFLATED = 8;
  private static final long FOUR_BYTES_MAX = 0xFFFF_FFFFL;
  private static final int TWO_BYTES_MAX = 0xFFFF;

  /// Made on Unix, so that the modes below count.
  private static final int MADE_BY = 3 << 8 | NEEDED_ZIP64;

  private static final long FILE_MODE = 0100644L << 16;

  private final OutputStream out;
  private final ContentSpool.Writer central;
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
  private final byte[] input = new byte[32_768];
  private final byte[] output = new byte[32_768];
  private long offset;
  private long count;

  ZipWriter(OutputStream out, ContentSpool spool) {
    this(out, spool, 0);
  }

  /// @param offset octets that are in front of the archive already
  ZipWriter(OutputStream out, ContentSpool spool, long offset) {
    this.out = out;
    this.offset = offset;
    this.central = spool.newWriter();
  }

  /// Adds a file.
  ///
  /// @param name with slashes between folders
  /// @throws IOException the archive cannot be written, the source not read, or the file is longer
  ///   than [ExportLimits#FILE_BYTES_MAX]
  void add(String name, Instant modified, InputStream source) throws IOException {
    byte[] nameOctets = name.getBytes(StandardCharsets.UTF_8);
    long start = offset;
    int time = dosTime(modified);
    byte[] stamp = stamp(modified);
    write(
        buffer(30 + nameOctets.length + stamp.length)
            .putInt(LOCAL)
            .putShort((short) NEEDED)
            .putShort((short) FLAGS)
            .putShort((short) DEFLATED)
            .putInt(time)
            .putInt(0)
            .putInt(0)
            .putInt(0)
            .putShort((short) nameOctets.length)
            .putShort((short) stamp.length)
            .put(nameOctets)
            .put(stamp));
    long dataStart = offset;
    CRC32 crc = new CRC32();
    long length = deflate(source, crc);
    long packed = offset - dataStart;
    if (length > ExportLimits.FILE_BYTES_MAX || packed > ExportLimits.FILE_BYTES_MAX) {
      throw new IOException("a file is too long for the archive: " + name);
    }
    write(
        buffer(16)
            .putInt(DESCRIPTOR)
            .putInt((int) crc.getValue())
            .putInt((int) packed)
            .putInt((int) length));
    addToDirectory(nameOctets, time, stamp, crc.getValue(), packed, length, start);
    count++;
  }

  private long deflate(InputStream source, CRC32 crc) throws IOException {
    deflater.reset();
    long length = 0;
    while (true) {
      int got = source.read(input);
      if (got < 0) break;
      length += got;
      crc.update(input, 0, got);
      deflater.setInput(input, 0, got);
      while (!deflater.needsInput()) writeDeflated();
    }
    deflater.finish();
    while (!deflater.finished()) writeDeflated();
    return length;
  }

  private void writeDeflated() throws IOException {
    int made = deflater.deflate(output);
    out.write(output, 0, made);
    offset += made;
  }

  private void addToDirectory(
      byte[] name, int time, byte[] stamp, long crc, long packed, long length, long start) {
    boolean far = start >= FOUR_BYTES_MAX;
    int extra = stamp.length + (far ? 12 : 0);
    ByteBuffer entry =
        buffer(46 + name.length + extra)
            .putInt(CENTRAL)
            .putShort((short) MADE_BY)
            .putShort((short) (far ? NEEDED_ZIP64 : NEEDED))
            .putShort((short) FLAGS)
            .putShort((short) DEFLATED)
            .putInt(time)
            .putInt((int) crc)
            .putInt((int) packed)
            .putInt((int) length)
            .putShort((short) name.length)
            .putShort((short) extra)
            .putShort((short) 0)
            .putShort((short) 0)
            .putShort((short) 0)
            .putInt((int) FILE_MODE)
            .putInt((int) (far ? FOUR_BYTES_MAX : start))
            .put(name)
            .put(stamp);
    // §4.5.3: only what does not fit above.
    if (far) entry.putShort((short) 1).putShort((short) 8).putLong(start);
    central.write(octets(entry), 0, entry.capacity());
  }

  /// Writes the directory. The stream stays open.
  void finish() throws IOException {
    long start = offset;
    try (Content directory = central.finish();
        InputStream in = directory.open()) {
      offset += in.transferTo(out);
    }
    long bytes = offset - start;
    if (count > TWO_BYTES_MAX - 1 || start >= FOUR_BYTES_MAX || bytes >= FOUR_BYTES_MAX) {
      long end = offset;
      write(
          buffer(56)
              .putInt(ZIP64_END)
              .putLong(44)
              .putShort((short) MADE_BY)
              .putShort((short) NEEDED_ZIP64)
              .putInt(0)
              .putInt(0)
              .putLong(count)
              .putLong(count)
              .putLong(bytes)
              .putLong(start));
      write(buffer(20).putInt(ZIP64_LOCATOR).putInt(0).putLong(end).putInt(1));
    }
    short shortCount = (short) Math.min(count, TWO_BYTES_MAX);
    write(
        buffer(22)
            .putInt(END)
            .putShort((short) 0)
            .putShort((short) 0)
            .putShort(shortCount)
            .putShort(shortCount)
            .putInt((int) Math.min(bytes, FOUR_BYTES_MAX))
            .putInt((int) Math.min(start, FOUR_BYTES_MAX))
            .putShort((short) 0));
  }

  /// Frees what was spooled; the archive is complete only after [#finish].
  @Override
  public void close() {
    deflater.end();
    central.close();
  }

  private void write(ByteBuffer octets) throws IOException {
    out.write(octets(octets));
    offset += octets.capacity();
  }

  /// All of a buffer that was filled.
  private static byte[] octets(ByteBuffer filled) {
    byte[] octets = new byte[filled.capacity()];
    filled.get(0, octets);
    return octets;
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// §4.4.6, in UTC: programs that know the extended timestamp below show the right time.
  private static int dosTime(Instant time) {
    LocalDateTime local = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    if (local.getYear() < 1980) return 1 << 21 | 1 << 16;
    return Math.min(local.getYear() - 1980, 127) << 25
        | local.getMonthValue() << 21
        | local.getDayOfMonth() << 16
        | local.getHour() << 11
        | local.getMinute() << 5
        | local.getSecond() / 2;
  }

  /// The "UT" extra field: modification time in seconds since 1970, 32 bits.
  private static byte[] stamp(Instant time) {
    long seconds = Math.clamp(time.getEpochSecond(), Integer.MIN_VALUE, Integer.MAX_VALUE);
    return octets(
        buffer(9).putShort((short) 0x5455).putShort((short) 5).put((byte) 1).putInt((int) seconds));
  }
}
