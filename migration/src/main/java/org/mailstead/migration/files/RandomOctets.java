package org.mailstead.migration.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Octets that can be read from any place: a file, or an object of a bucket. Thread-safe.
interface RandomOctets extends AutoCloseable {
  long length() throws IOException;

  /// Reads at least one octet; -1 behind the end.
  int read(long offset, byte[] octets, int start, int count) throws IOException;

  @Override
  void close();

  /// Reads all of them.
  default byte[] readFully(long offset, int count) throws IOException {
    byte[] octets = new byte[count];
    int done = 0;
    while (done < count) {
      int got = read(offset + done, octets, done, count - done);
      if (got < 0) throw new EOFException("it ends at " + (offset + done));
      done += got;
    }
    return octets;
  }

  /// The octets from `start` to `end`.
  default InputStream open(long start, long end) {
    return new InputStream() {
      private long at = start;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] octets, int from, int count) throws IOException {
        if (count == 0) return 0;
        int most = (int) Math.min(count, end - at);
        int got = most <= 0 ? -1 : RandomOctets.this.read(at, octets, from, most);
        if (got > 0) at += got;
        return got;
      }
    };
  }

  /// Of a file.
  static RandomOctets of(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new RandomOctets() {
      @Override
      public long length() throws IOException {
        return channel.size();
      }

      @Override
      public int read(long offset, byte[] octets, int start, int count) throws IOException {
        return channel.read(ByteBuffer.wrap(octets, start, count), offset);
      }

      @Override
      public void close() {
        try {
          channel.close();
        } catch (IOException e) {
          // It was only read.
          return;
        }
      }
    };
  }
}
