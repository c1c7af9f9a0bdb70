package org.mailstead.store.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cuts what an interrupted write left at the end of RocksDB's newest log, before RocksDB reads it:
/// its reader (11.8.1) can run in circles for ever on such octets, for instance when one of them
/// looks like a record type of a later version. A bad record in an older log is no unfinished write
/// but damage.
///
/// A log is blocks of 32 KiB; a record does not cross blocks: checksum (masked CRC32C of the type
/// and what follows it), length, type, for recycled logs the log's number, octets.
final class LogTail {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final int BLOCK_BYTES = 32768;
  private static final int HEADER_BYTES = 7;

  private LogTail() {}

  /// @throws DataFolderException an older log is damaged
  static void cut(Path folder) throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.list(folder)) {
      logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
    for (Path log : logs) {
      try (FileChannel channel =
          FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        long end = end(channel);
        if (end == channel.size()) continue;
        if (!log.equals(logs.getLast())) {
          throw new DataFolderException("log " + log + " is damaged at octet " + end);
        }
        LOG.info("{}: {} octets of an unfinished write removed", log, channel.size() - end);
        channel.truncate(end);
        channel.force(true);
      }
    }
  }

  /// Where the last good record ends.
  private static long end(FileChannel channel) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long end = 0;
    for (long start = 0; start < channel.size(); start += BLOCK_BYTES) {
      block.clear();
      while (block.hasRemaining()
          && channel.read(block, start + block.position()) > 0) {} // until the block or file ends
      int limit = block.position();
      int position = 0;
      while (limit - position >= HEADER_BYTES) {
        int length = block.getShort(position + 4) & 0xFFFF;
        if (length > limit - position - HEADER_BYTES) return end;
        CRC32C crc = new CRC32C();
        crc.update(block.array(), position + 6, length + 1);
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xA282_EAD8;
        if (block.getInt(position) != masked) return end;
        position += HEADER_BYTES + length;
        end = start + position;
      }
      // A block's last octets that hold no header are zeros.
      if (limit == BLOCK_BYTES) end = start + BLOCK_BYTES;
    }
    return end;
  }
}
