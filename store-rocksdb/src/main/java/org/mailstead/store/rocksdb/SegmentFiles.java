package org.mailstead.store.rocksdb;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// The segment files of a folder: `00000001.blobs`, `00000002.blobs` … Each begins with a preamble:
/// magic, format, salt. Channels for reading are shared by all threads and bounded in number; one
/// that is closed under a reader, by eviction or because Java closes the channel of an interrupted
/// thread, is opened again.
final class SegmentFiles implements AutoCloseable {
  static final int PREAMBLE_BYTES = 32;
  private static final long MAGIC = 0x4D53_5453_4547_4D31L;
  private static final int READ_BYTES = 128 << 10;

  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, FileChannel> open =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, FileChannel> eldest) {
          if (size() <= RocksLimits.SEGMENTS_OPEN_MAX) return false;
          closeQuietly(eldest.getValue());
          return true;
        }
      };

  SegmentFiles(Path folder) {
    this.folder = folder;
  }

  Path file(int segment) {
    return folder.resolve(String.format("%08d.blobs", segment));
  }

  /// The numbers of all segments, ascending.
  List<Integer> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Integer> segments = new ArrayList<>();
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d{8}\\.blobs"))
          .map(name -> Integer.parseInt(name.substring(0, 8)))
          .sorted()
          .forEach(segments::add);
      return segments;
    }
  }

  long size(int segment) throws IOException {
    return Files.size(file(segment));
  }

  /// Makes a segment file, durably named.
  long create(int segment, RandomGenerator random) throws IOException {
    long salt = random.nextLong();
    ByteBuffer preamble =
        ByteBuffer.allocate(PREAMBLE_BYTES).putLong(MAGIC).put(Keys.FORMAT).position(16);
    preamble.putLong(salt).rewind();
    try (FileChannel channel =
        FileChannel.open(file(segment), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (preamble.hasRemaining()) channel.write(preamble);
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(file(segment));
      throw e;
    }
    DataFolder.sync(folder);
    return salt;
  }

  /// @throws IOException no whole preamble
  long salt(FileChannel channel) throws IOException {
    ByteBuffer preamble = ByteBuffer.allocate(PREAMBLE_BYTES);
    while (preamble.hasRemaining()) {
      if (channel.read(preamble, preamble.position()) < 0) {
        throw new EOFException("segment without preamble");
      }
    }
    preamble.flip();
    if (preamble.getLong() != MAGIC || preamble.get() != Keys.FORMAT) {
      throw new IOException("not a segment of a known format");
    }
    return preamble.position(16).getLong();
  }

  /// Octets of a segment, all of them.
  ///
  /// @throws EOFException the file is shorter
  byte[] read(int segment, long offset, int length) throws IOException {
    byte[] octets = new byte[length];
    boolean interrupted = false;
    try {
      int done = 0;
      while (done < length) {
        FileChannel channel = channel(segment);
        try {
          // In parts: Java keeps a native buffer of the largest size used for each thread.
          ByteBuffer part = ByteBuffer.wrap(octets, done, Math.min(READ_BYTES, length - done));
          int count = channel.read(part, offset + done);
          if (count < 0) throw new EOFException("segment " + segment + " ends early");
          done += count;
        } catch (ClosedChannelException e) {
          if (Thread.interrupted()) interrupted = true;
          forget(segment, channel);
        }
      }
      return octets;
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  private FileChannel channel(int segment) throws IOException {
    lock.lock();
    try {
      FileChannel present = open.get(segment);
      if (present != null) return present;
      FileChannel opened = FileChannel.open(file(segment), StandardOpenOption.READ);
      open.put(segment, opened);
      return opened;
    } finally {
      lock.unlock();
    }
  }

  private void forget(int segment, FileChannel channel) {
    lock.lock();
    try {
      open.remove(segment, channel);
    } finally {
      lock.unlock();
    }
  }

  void delete(int segment) throws IOException {
    lock.lock();
    try {
      FileChannel present = open.remove(segment);
      if (present != null) closeQuietly(present);
      Files.deleteIfExists(file(segment));
    } finally {
      lock.unlock();
    }
    DataFolder.sync(folder);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      open.values().forEach(SegmentFiles::closeQuietly);
      open.clear();
    } finally {
      lock.unlock();
    }
  }
}
