package org.mailstead.migration.files;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.mailstead.migration.files.ZipRecords.Entry;

/// Reads the directory at a zip's end, Zip64 included, without the files in front of it.
final class ZipDirectory {
  /// More entries are not believed.
  static final int ENTRIES_MAX = 20_000_000;

  private static final int TAIL_BYTES = ZipRecords.END_BYTES + 0xFFFF;
  private static final int READ_BYTES = 1 << 18;

  private ZipDirectory() {}

  /// Hands over every entry in its order.
  ///
  /// @throws IOException it is no zip, or cut short
  static void read(RandomOctets zip, Consumer<Entry> listener) throws IOException {
    long length = zip.length();
    int tailBytes = (int) Math.min(length, TAIL_BYTES);
    long tailStart = length - tailBytes;
    byte[] tail = zip.readFully(tailStart, tailBytes);
    ByteBuffer end = ZipRecords.wrap(tail);
    int at = tail.length - ZipRecords.END_BYTES;
    while (at >= 0 && end.getInt(at) != ZipRecords.END) at--;
    if (at < 0) throw new IOException("it is no zip archive, or its end is missing");
    long count = end.getShort(at + 10) & ZipRecords.TWO_BYTES_MAX;
    long bytes = end.getInt(at + 12) & ZipRecords.FOUR_BYTES_MAX;
    long start = end.getInt(at + 16) & ZipRecords.FOUR_BYTES_MAX;
    int locator = at - 20;
    if (locator >= 0 && end.getInt(locator) == ZipRecords.ZIP64_LOCATOR) {
      ByteBuffer far = ZipRecords.wrap(zip.readFully(end.getLong(locator + 8), 56));
      if (far.getInt(0) != ZipRecords.ZIP64_END) throw damaged("Zip64 end");
      count = far.getLong(32);
      bytes = far.getLong(40);
      start = far.getLong(48);
    }
    if (count > ENTRIES_MAX) throw new IOException("it has more than " + ENTRIES_MAX + " entries");
    if (start < 0 || bytes < 0 || start + bytes > length) throw damaged("directory's place");
    try (DataInputStream in =
        new DataInputStream(
            new java.io.BufferedInputStream(zip.open(start, start + bytes), READ_BYTES))) {
      for (long i = 0; i < count; i++) listener.accept(entry(in));
    } catch (EOFException e) {
      throw damaged("directory");
    }
  }

  private static Entry entry(DataInputStream in) throws IOException {
    byte[] octets = new byte[ZipRecords.CENTRAL_BYTES];
    in.readFully(octets);
    ByteBuffer record = ZipRecords.wrap(octets);
    if (record.getInt(0) != ZipRecords.CENTRAL) throw damaged("directory");
    byte[] name = new byte[record.getShort(28) & ZipRecords.TWO_BYTES_MAX];
    byte[] extra = new byte[record.getShort(30) & ZipRecords.TWO_BYTES_MAX];
    in.readFully(name);
    in.readFully(extra);
    in.skipNBytes(record.getShort(32) & ZipRecords.TWO_BYTES_MAX);
    long[] sizes = {
      record.getInt(24) & ZipRecords.FOUR_BYTES_MAX,
      record.getInt(20) & ZipRecords.FOUR_BYTES_MAX,
      record.getInt(42) & ZipRecords.FOUR_BYTES_MAX
    };
    long time = ZipRecords.seconds(record.getInt(12));
    ByteBuffer fields = ZipRecords.wrap(extra);
    while (fields.remaining() >= 4) {
      int id = fields.getShort() & ZipRecords.TWO_BYTES_MAX;
      int length = fields.getShort() & ZipRecords.TWO_BYTES_MAX;
      if (length > fields.remaining()) break;
      ByteBuffer field = fields.slice(fields.position(), length).order(fields.order());
      fields.position(fields.position() + length);
      if (id == 1) {
        // §4.5.3: those of the three that did not fit, in this order.
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == ZipRecords.FOUR_BYTES_MAX && field.remaining() >= 8) {
            sizes[i] = field.getLong();
          }
        }
      } else if (id == 0x5455 && length >= 5 && (field.get(0) & 1) != 0) {
        time = field.getInt(1);
      }
    }
    return new Entry(
        text(name),
        record.getShort(8) & ZipRecords.TWO_BYTES_MAX,
        record.getShort(10) & ZipRecords.TWO_BYTES_MAX,
        record.getInt(16) & ZipRecords.FOUR_BYTES_MAX,
        sizes[1],
        sizes[0],
        sizes[2],
        time);
  }

  private static String text(byte[] name) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      return new String(name, StandardCharsets.ISO_8859_1);
    }
  }

  private static IOException damaged(String what) {
    return new IOException("the zip archive is damaged: " + what);
  }
}
