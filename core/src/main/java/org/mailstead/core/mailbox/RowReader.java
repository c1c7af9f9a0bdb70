package org.mailstead.core.mailbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Unpacks what [RowWriter] packed. Damaged rows surface as [IllegalStateException], never as wild
/// reads.
final class RowReader {
  private final byte[] octets;
  private int position;

  RowReader(byte[] octets) {
    this.octets = octets;
  }

  static RowReader of(byte[] octets, int format, String what) {
    RowReader reader = new RowReader(octets);
    int found = reader.u8();
    if (found != format) throw new IllegalStateException(what + " of unknown format " + found);
    return reader;
  }

  int u8() {
    need(1);
    return octets[position++] & 0xFF;
  }

  long fixed64() {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | (octets[position++] & 0xFF);
    return value;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      need(1);
      byte octet = octets[position++];
      value |= (long) (octet & 0x7F) << shift;
      if (octet >= 0) return value;
    }
    throw new IllegalStateException("a stored number is too long");
  }

  long zigzag() {
    long value = varint();
    return (value >>> 1) ^ -(value & 1);
  }

  byte[] raw(int length) {
    need(length);
    position += length;
    return Arrays.copyOfRange(octets, position - length, position);
  }

  byte[] bytes() {
    long length = varint();
    if (length < 0 || length > octets.length)
      throw new IllegalStateException("a stored value is cut");
    return raw((int) length);
  }

  byte[] rest() {
    return raw(octets.length - position);
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  boolean isAtEnd() {
    return position == octets.length;
  }

  private void need(int more) {
    if (position + more > octets.length) throw new IllegalStateException("a stored value is cut");
  }
}
