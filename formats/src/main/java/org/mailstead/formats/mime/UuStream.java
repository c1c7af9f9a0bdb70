package org.mailstead.formats.mime;

/// Uuencoded data: lines after `begin`, up to `end`. What is before and after is passed over.
final class UuStream extends DecodingStream {
  private static final int LINE_BYTES_MAX = 128;

  private final byte[] line = new byte[LINE_BYTES_MAX];
  private int lineCount;
  private boolean begun;
  private boolean ended;

  UuStream(RegionStream source) {
    super(source, 2);
  }

  @Override
  int decode(byte[] in, int length, byte[] out) {
    int count = 0;
    for (int i = 0; i < length && !ended; i++) {
      byte octet = in[i];
      if (octet == '\n') count = endLine(out, count);
      else if (lineCount < LINE_BYTES_MAX) line[lineCount++] = octet;
    }
    return count;
  }

  @Override
  int finish(byte[] out) {
    return ended ? 0 : endLine(out, 0);
  }

  private int endLine(byte[] out, int from) {
    int length = lineCount;
    lineCount = 0;
    while (length > 0 && line[length - 1] == '\r') length--;
    if (!begun) {
      begun = length > 6 && startsWith("begin ");
      return from;
    }
    if (length == 0) return from;
    if (length == 3 && startsWith("end")) {
      ended = true;
      return from;
    }
    int octets = sixBits(0, length);
    int count = from;
    for (int at = 1; octets > 0 && at < length; at += 4) {
      int word =
          sixBits(at, length) << 18
              | sixBits(at + 1, length) << 12
              | sixBits(at + 2, length) << 6
              | sixBits(at + 3, length);
      for (int shift = 16; shift >= 0 && octets > 0; shift -= 8, octets--) {
        out[count++] = (byte) (word >>> shift);
      }
    }
    return count;
  }

  /// Space and backquote are zero; a line that lost its trailing spaces is filled up.
  private int sixBits(int at, int length) {
    return at < length ? line[at] - ' ' & 0x3f : 0;
  }

  private boolean startsWith(String text) {
    for (int i = 0; i < text.length(); i++) if (line[i] != text.charAt(i)) return false;
    return true;
  }
}
