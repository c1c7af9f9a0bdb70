package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing array of octets. Strings are octets, one char each.
final class OctetBuilder {
  private byte[] octets;
  private int count;

  OctetBuilder(int expected) {
    octets = new byte[Math.max(expected, 16)];
  }

  void add(int octet) {
    if (count == octets.length) grow(1);
    octets[count++] = (byte) octet;
  }

  void add(String text) {
    int length = text.length();
    if (count + length > octets.length) grow(length);
    for (int i = 0; i < length; i++) octets[count + i] = (byte) text.charAt(i);
    count += length;
  }

  void add(byte[] more) {
    if (count + more.length > octets.length) grow(more.length);
    System.arraycopy(more, 0, octets, count, more.length);
    count += more.length;
  }

  void addDecimal(long number) {
    if (number >= 0 && number < 10) add('0' + (int) number);
    else add(Long.toString(number));
  }

  /// Seven bits an octet, the lowest first, the top bit set on all but the last.
  void addVarint(long number) {
    long rest = number;
    while (rest > 0x7f) {
      add((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    add((int) rest);
  }

  void addCounted(String text) {
    addVarint(text.length());
    add(text);
  }

  int count() {
    return count;
  }

  byte[] toArray() {
    return Arrays.copyOf(octets, count);
  }

  @Override
  public String toString() {
    return new String(octets, 0, count, StandardCharsets.ISO_8859_1);
  }

  private void grow(int more) {
    octets = Arrays.copyOf(octets, Math.max(octets.length * 2, count + more));
  }
}
