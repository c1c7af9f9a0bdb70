package org.mailstead.migration.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// A ledger in a file, locked against a second run.
public final class LedgerFile implements LedgerStorage {
  /// Larger than the ledger of ten million items.
  public static final long FILE_BYTES_MAX = 1L << 31;

  private final FileChannel channel;
  private final FileLock lock;

  private LedgerFile(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /// @throws RefusedException another run has it
  public static LedgerFile open(Path file) throws IOException {
    boolean isNew = !Files.exists(file);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // The same, by another run of this process.
    }
    if (lock == null) {
      channel.close();
      throw new RefusedException(
          Refusal.IN_USE, "another run is working on this mailbox: it holds " + file);
    }
    channel.position(channel.size());
    Path folder = file.toAbsolutePath().getParent();
    if (isNew && folder != null) {
      // The name must survive too, not the octets only.
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
    return new LedgerFile(channel, lock);
  }

  @Override
  public byte[] readAll() throws IOException {
    if (channel.size() > FILE_BYTES_MAX - 64) throw new IOException("the ledger is too large");
    ByteBuffer all = ByteBuffer.allocate((int) channel.size());
    channel.position(0);
    while (all.hasRemaining() && channel.read(all) >= 0) {}
    return all.array();
  }

  @Override
  public void append(byte[] octets, int offset, int count) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(octets, offset, count);
    while (rest.hasRemaining()) channel.write(rest);
  }

  @Override
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void truncate(long length) throws IOException {
    channel.truncate(length);
    channel.position(length);
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
