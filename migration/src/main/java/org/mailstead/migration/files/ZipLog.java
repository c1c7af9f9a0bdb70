package org.mailstead.migration.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;
import org.mailstead.migration.files.ZipRecords.Entry;

/// The front of a zip file as a log: entries one behind the other, each with a field of ours in its
/// local header that says how much of the file was durable before it. The directory at the end is
/// only a view of it that is written anew each time ([ZipTarget]); a log without one is complete
/// all the same. For one thread.
final class ZipLog implements AutoCloseable {
  /// Of our field in local headers (APPNOTE §4.5.1: an id of nobody else).
  private static final int FIELD = 0x4D53;

  private static final int BUFFER_BYTES = 1 << 17;
  private static final int HEADER_BYTES_MAX = 8_192;

  private final Path file;
  private @Nullable FileChannel opened;
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
  private long end;
  private long durableEnd;

  /// Hears of every entry when a log is read.
  @FunctionalInterface
  interface Listener {
    /// @param note what the entry was written with
    /// @return false: the log ends in front of it
    boolean take(Entry entry, byte[] note) throws IOException;
  }

  private record Located(Entry entry, long after, byte[] note, long next) {}

  /// The file is made by the first append.
  ZipLog(Path file) {
    this.file = file;
  }

  private FileChannel channel() throws IOException {
    FileChannel known = opened;
    if (known != null) return known;
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "no folder");
    boolean fresh = !Files.exists(file);
    if (fresh) Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    opened = channel;
    if (fresh) StoredFile.forceFolder(folder);
    return channel;
  }

  /// Reads the log; what is torn at its end does not count, nor what stands behind it. The file is
  /// not changed.
  void load(Listener listener) throws IOException {
    if (!Files.exists(file)) return;
    long size = channel().size();
    long at = 0;
    long verifiedFrom = 0;
    while (at < size) {
      Located next = locate(at, size);
      if (next == null) break;
      verifiedFrom = next.after();
      at = next.next();
    }
    long whole = at;
    at = 0;
    while (at < whole) {
      Located next = locate(at, size);
      if (next == null) break;
      // What was not durable when the last entry was written may be holes in a file of full length.
      if (at >= verifiedFrom && !isSound(next.entry())) break;
      if (!listener.take(next.entry(), next.note())) break;
      at = next.next();
    }
    end = at;
    durableEnd = at;
  }

  private boolean isSound(Entry entry) throws IOException {
    try (InputStream in = open(entry)) {
      return in.transferTo(OutputStream.nullOutputStream()) == entry.size();
    } catch (IOException e) {
      return false;
    }
  }

  private @Nullable Located locate(long at, long size) throws IOException {
    ByteBuffer header = ZipRecords.wrap(read(at, (int) Math.min(HEADER_BYTES_MAX, size - at)));
    if (header.limit() < ZipRecords.LOCAL_BYTES || header.getInt(0) != ZipRecords.LOCAL) {
      return null;
    }
    int nameBytes = header.getShort(26) & ZipRecords.TWO_BYTES_MAX;
    int extraBytes = header.getShort(28) & ZipRecords.TWO_BYTES_MAX;
    int headerBytes = ZipRecords.LOCAL_BYTES + nameBytes + extraBytes;
    if (headerBytes > header.limit()) {
      header = ZipRecords.wrap(read(at, (int) Math.min(headerBytes, size - at)));
      if (header.limit() < headerBytes) return null;
    }
    int extra = ZipRecords.LOCAL_BYTES + nameBytes;
    if (extraBytes < 12 || (header.getShort(extra) & ZipRecords.TWO_BYTES_MAX) != FIELD) {
      return null;
    }
    int noteBytes = (header.getShort(extra + 2) & ZipRecords.TWO_BYTES_MAX) - 8;
    if (noteBytes < 0 || noteBytes > extraBytes - 12) return null;
    byte[] name = new byte[nameBytes];
    header.get(ZipRecords.LOCAL_BYTES, name);
    byte[] note = new byte[noteBytes];
    header.get(extra + 12, note);
    long packed = header.getInt(18) & ZipRecords.FOUR_BYTES_MAX;
    long next = at + headerBytes + packed;
    if (next > size) return null;
    Entry entry =
        new Entry(
            new String(name, StandardCharsets.UTF_8),
            ZipRecords.UTF_8,
            header.getShort(8) & ZipRecords.TWO_BYTES_MAX,
            header.getInt(14) & ZipRecords.FOUR_BYTES_MAX,
            packed,
            header.getInt(22) & ZipRecords.FOUR_BYTES_MAX,
            at,
            ZipRecords.seconds(header.getInt(10)));
    return new Located(entry, header.getLong(extra + 4), note, next);
  }

  private byte[] read(long offset, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel().read(buffer, offset + buffer.position()) > 0)
      continue;
    return java.util.Arrays.copyOf(buffer.array(), buffer.position());
  }

  /// Where the log ends.
  long end() {
    return end;
  }

  /// Appends an entry, which is durable after [#force].
  Entry append(String name, long seconds, byte[] note, InputStream octets) throws IOException {
    byte[] extra =
        ZipRecords.buffer(12 + note.length)
            .putShort((short) FIELD)
            .putShort((short) (8 + note.length))
            .putLong(durableEnd)
            .put(note)
            .array();
    Entry draft = new Entry(name, ZipRecords.UTF_8, ZipRecords.DEFLATED, 0, 0, 0, end, seconds);
    int headerBytes = ZipRecords.local(draft, extra).remaining();
    channel().position(end + headerBytes);
    CRC32 crc = new CRC32();
    long size = 0;
    deflater.reset();
    DeflaterOutputStream out =
        new DeflaterOutputStream(
            new BufferedOutputStream(Channels.newOutputStream(channel()), BUFFER_BYTES),
            deflater,
            BUFFER_BYTES);
    byte[] chunk = new byte[BUFFER_BYTES];
    for (int got = octets.read(chunk); got >= 0; got = octets.read(chunk)) {
      out.write(chunk, 0, got);
      crc.update(chunk, 0, got);
      size += got;
    }
    out.finish();
    out.flush();
    long packed = channel().position() - end - headerBytes;
    if (size >= ZipRecords.FOUR_BYTES_MAX || packed >= ZipRecords.FOUR_BYTES_MAX) {
      throw new IOException("a file is too long for a zip archive: " + name);
    }
    Entry entry =
        new Entry(
            name,
            ZipRecords.UTF_8,
            ZipRecords.DEFLATED,
            crc.getValue(),
            packed,
            size,
            end,
            seconds);
    ByteBuffer header = ZipRecords.local(entry, extra);
    long at = end;
    while (header.hasRemaining()) at += channel().write(header, at);
    end += headerBytes + packed;
    return entry;
  }

  /// Appends an entry of another log as it is.
  Entry append(Entry entry, byte[] note, ZipLog from) throws IOException {
    try (InputStream in = from.open(entry)) {
      return append(entry.name(), entry.time(), note, in);
    }
  }

  /// All that was appended is durable when this returns.
  void force() throws IOException {
    channel().force(true);
    durableEnd = end;
  }

  /// Cuts off what is behind a place of the log.
  void truncate(long length) throws IOException {
    channel().truncate(length);
    channel().force(true);
    end = length;
    durableEnd = length;
  }

  /// What was appended behind this place is no part of the log any more, but stays in the file.
  void rewind(long place) {
    end = place;
    durableEnd = place;
  }

  /// Whether something stands behind the log: a directory, or what a crash has left.
  boolean hasTail() throws IOException {
    return Files.exists(file) && channel().size() > end;
  }

  /// Whether the file is somebody else's: it begins neither with an entry of ours nor with the hole
  /// that a crash during the first one leaves.
  boolean isForeign() throws IOException {
    if (end > 0 || !hasTail()) return false;
    byte[] start = read(0, HEADER_BYTES_MAX);
    ByteBuffer header = ZipRecords.wrap(java.util.Arrays.copyOf(start, HEADER_BYTES_MAX));
    if (header.getInt(0) == 0) return false;
    byte[] signature = {'P', 'K', 3, 4};
    for (int i = 0; i < Math.min(4, start.length); i++) {
      // Zeros behind the first octets are a hole.
      if (start[i] != signature[i]) return start[i] != 0;
    }
    int nameBytes = header.getShort(26) & ZipRecords.TWO_BYTES_MAX;
    int extraBytes = header.getShort(28) & ZipRecords.TWO_BYTES_MAX;
    int extra = ZipRecords.LOCAL_BYTES + nameBytes;
    // A header of ours that was cut, or filled up with zeros, says nothing of somebody else.
    if (nameBytes == 0 || start.length < extra + extraBytes) return false;
    if (header.get(ZipRecords.LOCAL_BYTES) == 0) return false;
    if (extraBytes < 4) return true;
    int field = header.getShort(extra) & ZipRecords.TWO_BYTES_MAX;
    return field != FIELD && field != 0 && field != (FIELD & 0xFF);
  }

  /// Where a directory is written: behind the log.
  OutputStream tail() throws IOException {
    channel().position(end);
    return new BufferedOutputStream(Channels.newOutputStream(channel()), BUFFER_BYTES);
  }

  InputStream open(Entry entry) throws IOException {
    return ZipRecords.open(octets(), entry);
  }

  /// Of the whole file; they need not be closed.
  RandomOctets octets() {
    return new RandomOctets() {
      @Override
      public long length() throws IOException {
        return channel().size();
      }

      @Override
      public int read(long offset, byte[] into, int start, int count) throws IOException {
        return channel().read(ByteBuffer.wrap(into, start, count), offset);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    FileChannel known = opened;
    if (known != null) known.close();
  }
}
