package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder of a store: `LOCK` (one process at a time), `FORMAT` (the version of everything in
/// it), `rows/` (RocksDB), `blobs/` (segments).
final class DataFolder implements AutoCloseable {
  static final int FORMAT = 1;
  private static final String FORMAT_WORDS = "mailstead store ";

  private final Path folder;
  private final FileChannel channel;

  private DataFolder(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  Path rows() {
    return folder.resolve("rows");
  }

  Path blobs() {
    return folder.resolve("blobs");
  }

  /// @throws DataFolderException it is locked, newer, not ours, or cannot be written
  static DataFolder open(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (lock(channel) == null) {
          throw new DataFolderException(
              "data folder " + folder + " is in use by another Mailstead process");
        }
        checkFormat(folder);
        Files.createDirectories(folder.resolve("rows"));
        Files.createDirectories(folder.resolve("blobs"));
        sync(folder);
        return new DataFolder(folder, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new DataFolderException(
          "data folder " + folder + " cannot be opened: " + reason(e, folder), e);
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Held by this process.
    }
  }

  private static void checkFormat(Path folder) throws IOException {
    Path file = folder.resolve("FORMAT");
    if (!Files.exists(file)) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.anyMatch(f -> f.endsWith("rows") || f.endsWith("blobs"))) {
          throw new DataFolderException(
              "data folder " + folder + " holds data but no FORMAT file: not opened");
        }
      }
      Path fresh = folder.resolve("FORMAT.new");
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        out.write(
            ByteBuffer.wrap((FORMAT_WORDS + FORMAT + "\n").getBytes(StandardCharsets.US_ASCII)));
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      sync(folder);
      return;
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    int version;
    try {
      if (!text.startsWith(FORMAT_WORDS)) throw new NumberFormatException(text);
      version = Integer.parseInt(text.substring(FORMAT_WORDS.length()));
    } catch (NumberFormatException e) {
      throw new DataFolderException(
          "data folder " + folder + " has a FORMAT file that is not ours: not opened", e);
    }
    if (version > FORMAT) {
      throw new DataFolderException(
          "data folder "
              + folder
              + " was written by a newer Mailstead (format "
              + version
              + ", this one knows up to "
              + FORMAT
              + ")");
    }
  }

  private static String reason(IOException e, Path folder) {
    String text = String.valueOf(e.getMessage()).replace('\n', ' ');
    return text.equals(folder.toString()) ? e.getClass().getSimpleName() : text;
  }

  /// Makes names in a folder durable.
  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Closing the channel releases the lock.
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
