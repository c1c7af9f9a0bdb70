package org.mailstead.base;

/// A message's number in one folder (RFC 9051 §2.3.1.1): ascending, never reused under one
/// UIDVALIDITY.
public record Uid(long value) implements Comparable<Uid> {
  public static final long VALUE_MAX = 0xFFFF_FFFFL;

  public Uid {
    if (value < 1 || value > VALUE_MAX) {
      throw new IllegalArgumentException("Uid out of range: " + value);
    }
  }

  @Override
  public int compareTo(Uid other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
