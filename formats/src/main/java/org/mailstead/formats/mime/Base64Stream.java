package org.mailstead.formats.mime;

import java.util.Arrays;

/// Base64 (RFC 2045 §6.8). Octets outside of the alphabet are passed over; after padding a new run
/// may begin, as when encoded texts were joined.
final class Base64Stream extends DecodingStream {
  private static final byte[] VALUES = values();

  private int bits;
  private int count;

  Base64Stream(RegionStream source) {
    super(source, 1);
  }

  /// The six bits of a digit; -1 if it is none.
  static int value(int octet) {
    return octet < 128 ? VALUES[octet] : -1;
  }

  @Override
  int decode(byte[] in, int length, byte[] out) {
    int outCount = 0;
    int i = 0;
    while (i < length) {
      if (count == 0) {
        // Four digits at a time while nothing else comes.
        while (i + 4 <= length) {
          int word =
              VALUES[in[i] & 0xff] << 18
                  | VALUES[in[i + 1] & 0xff] << 12
                  | VALUES[in[i + 2] & 0xff] << 6
                  | VALUES[in[i + 3] & 0xff];
          if (word < 0) break;
          out[outCount++] = (byte) (word >>> 16);
          out[outCount++] = (byte) (word >>> 8);
          out[outCount++] = (byte) word;
          i += 4;
        }
        if (i >= length) break;
      }
      int octet = in[i++] & 0xff;
      int value = VALUES[octet];
      if (value >= 0) {
        bits = bits << 6 | value;
        if (++count == 4) {
          out[outCount++] = (byte) (bits >>> 16);
          out[outCount++] = (byte) (bits >>> 8);
          out[outCount++] = (byte) bits;
          count = 0;
        }
      } else if (octet == '=') {
        outCount += partial(out, outCount);
      }
    }
    return outCount;
  }

  @Override
  int finish(byte[] out) {
    return partial(out, 0);
  }

  /// Two or three digits before padding or the end are one or two octets.
  private int partial(byte[] out, int at) {
    int octets = count == 3 ? 2 : count == 2 ? 1 : 0;
    if (octets >= 1) out[at] = (byte) (count == 3 ? bits >>> 10 : bits >>> 4);
    if (octets == 2) out[at + 1] = (byte) (bits >>> 2);
    count = 0;
    return octets;
  }

  private static byte[] values() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 64; i++) values[digits.charAt(i)] = (byte) i;
    return values;
  }
}
