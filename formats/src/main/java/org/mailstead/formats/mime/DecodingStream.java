package org.mailstead.formats.mime;

import java.io.InputStream;
import java.util.Objects;

/// A stream that decodes piece by piece. A subclass fills the output from the input; state between
/// two pieces is the subclass's.
abstract class DecodingStream extends InputStream {
  private static final int INPUT_BYTES = 8 << 10;

  private final RegionStream source;
  private final byte[] input;
  private final byte[] output;
  private int outputAt;
  private int outputEnd;
  private boolean ended;

  /// @param expansion how many octets one octet of input may become, and what is left at the end
  DecodingStream(RegionStream source, int expansion) {
    this.source = source;
    this.input = new byte[Math.clamp(source.available(), 16, INPUT_BYTES)];
    this.output = new byte[input.length * expansion + 256];
  }

  /// Decodes a piece.
  ///
  /// @return the count of octets in the output
  abstract int decode(byte[] in, int count, byte[] out);

  /// What is left when there is no more input.
  abstract int finish(byte[] out);

  @Override
  public final int read() {
    return fill() ? output[outputAt++] & 0xff : -1;
  }

  @Override
  public final int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) return 0;
    if (!fill()) return -1;
    int count = Math.min(length, outputEnd - outputAt);
    System.arraycopy(output, outputAt, target, offset, count);
    outputAt += count;
    return count;
  }

  private boolean fill() {
    while (outputAt == outputEnd) {
      if (ended) return false;
      int count = source.read(input, 0, input.length);
      outputAt = 0;
      if (count < 0) {
        ended = true;
        outputEnd = finish(output);
      } else {
        outputEnd = decode(input, count, output);
      }
    }
    return true;
  }
}
