package org.mailstead.formats.mime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Reading from streams over memory, which do not fail.
final class Octets {
  private Octets() {}

  static int read(InputStream stream, byte[] target) {
    try {
      return stream.read(target, 0, target.length);
    } catch (IOException e) {
      throw new UncheckedIOException("memory that cannot be read", e);
    }
  }

  /// The decoded body of a part, at most so many octets of it.
  static byte[] decoded(ByteBuffer message, MimePart part, int bytesMax) {
    long body = part.bodyBytes();
    byte[] octets = new byte[(int) Math.min(body, bytesMax)];
    InputStream stream = TransferDecoder.open(message, part);
    int count = 0;
    try {
      while (count < octets.length) {
        int more = stream.read(octets, count, octets.length - count);
        if (more < 0) break;
        count += more;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory that cannot be read", e);
    }
    return count == octets.length ? octets : Arrays.copyOf(octets, count);
  }
}
