package org.mailstead.formats.mime;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/// The octets between two offsets of a message.
final class RegionStream extends InputStream {
  private final ByteBuffer message;
  private int at;
  private final int end;

  RegionStream(ByteBuffer message, long start, long end) {
    this.message = message;
    this.at = message.position() + (int) start;
    this.end = message.position() + (int) end;
  }

  @Override
  public int read() {
    return at < end ? message.get(at++) & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) return 0;
    int count = Math.min(length, end - at);
    if (count <= 0) return -1;
    message.get(at, target, offset, count);
    at += count;
    return count;
  }

  @Override
  public long skip(long count) {
    int skipped = Math.clamp(count, 0, end - at);
    at += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return end - at;
  }
}
