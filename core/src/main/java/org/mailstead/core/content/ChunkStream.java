package org.mailstead.core.content;

import java.io.InputStream;
import java.util.Enumeration;

/// A stream over chunks that are made when they are needed.
final class ChunkStream extends InputStream {
  private final Enumeration<byte[]> chunks;
  private byte[] current = new byte[0];
  private int used;

  ChunkStream(Enumeration<byte[]> chunks) {
    this.chunks = chunks;
  }

  @Override
  public int read() {
    return fill() ? current[used++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int count) {
    if (count == 0) return 0;
    if (!fill()) return -1;
    int copied = Math.min(count, current.length - used);
    System.arraycopy(current, used, target, offset, copied);
    used += copied;
    return copied;
  }

  private boolean fill() {
    while (used == current.length) {
      if (!chunks.hasMoreElements()) return false;
      current = chunks.nextElement();
      used = 0;
    }
    return true;
  }
}
