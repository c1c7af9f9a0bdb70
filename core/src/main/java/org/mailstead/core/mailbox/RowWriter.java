package org.mailstead.core.mailbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Packs a stored value: variable-length numbers, octet strings with their length.
final class RowWriter {
  private byte[] octets;
  private int count;

  RowWriter(int expected) {
    octets = new byte[expected];
  }

  RowWriter u8(int value) {
    ensure(1);
    octets[count++] = (byte) value;
    return this;
  }

  RowWriter fixed64(long value) {
    ensure(8);
    for (int shift = 56; shift >= 0; shift -= 8) octets[count++] = (byte) (value >>> shift);
    return this;
  }

  /// Any 64 bits, seven an octet, lowest first: small numbers are short.
  RowWriter varint(long value) {
    ensure(10);
    while ((value & ~0x7FL) != 0) {
      octets[count++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    octets[count++] = (byte) value;
    return this;
  }

  /// Numbers near zero, negative ones too.
  RowWriter zigzag(long value) {
    return varint((value << 1) ^ (value >> 63));
  }

  RowWriter raw(byte[] value) {
    ensure(value.length);
    System.arraycopy(value, 0, octets, count, value.length);
    count += value.length;
    return this;
  }

  RowWriter bytes(byte[] value) {
    return varint(value.length).raw(value);
  }

  RowWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  int length() {
    return count;
  }

  byte[] toBytes() {
    return count == octets.length ? octets : Arrays.copyOf(octets, count);
  }

  private void ensure(int more) {
    if (count + more > octets.length) {
      octets = Arrays.copyOf(octets, Math.max(count + more, octets.length * 2));
    }
  }
}
