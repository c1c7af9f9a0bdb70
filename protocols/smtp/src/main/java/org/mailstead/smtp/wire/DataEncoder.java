package org.mailstead.smtp.wire;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Message data on its way out: every line end becomes CRLF, a bare CR a space, the last line gets
/// its end, and for DATA leading dots are doubled (RFC 5321 §4.5.2). A bare CR or LF never leaves
/// here, or we would be the sender in somebody's smuggling.
public final class DataEncoder {
  /// Takes the encoded bytes; the array is reused after the call.
  @FunctionalInterface
  public interface Sink {
    void write(byte[] bytes, int offset, int count) throws IOException;
  }

  private static final int BLOCK_BYTES = 64 * 1024;

  private final boolean dotted;
  private final Sink sink;
  private final byte[] block = new byte[BLOCK_BYTES];
  private int count;

  private DataEncoder(boolean dotted, Sink sink) {
    this.dotted = dotted;
    this.sink = sink;
  }

  /// For DATA; the final dot is the caller's.
  public static void writeDotted(ByteBuffer content, Sink sink) throws IOException {
    new DataEncoder(true, sink).write(content);
  }

  /// For BDAT: each call of the sink is one chunk of at most 64 KiB.
  public static void writeChunked(ByteBuffer content, Sink sink) throws IOException {
    new DataEncoder(false, sink).write(content);
  }

  private void write(ByteBuffer content) throws IOException {
    boolean lineStart = true;
    boolean afterCr = false;
    while (content.hasRemaining()) {
      byte b = content.get();
      if (afterCr) {
        afterCr = false;
        if (b == '\n') {
          put((byte) '\r');
          put((byte) '\n');
          lineStart = true;
          continue;
        }
        put((byte) ' ');
        lineStart = false;
      }
      if (b == '\r') {
        afterCr = true;
        continue;
      }
      if (b == '\n') {
        put((byte) '\r');
        put((byte) '\n');
        lineStart = true;
        continue;
      }
      if (lineStart && dotted && b == '.') put(b);
      lineStart = false;
      put(b);
    }
    if (afterCr) put((byte) ' ');
    if (afterCr || !lineStart) {
      put((byte) '\r');
      put((byte) '\n');
    }
    if (count > 0) sink.write(block, 0, count);
  }

  private void put(byte b) throws IOException {
    if (count == block.length) {
      sink.write(block, 0, count);
      count = 0;
    }
    block[count++] = b;
  }
}
