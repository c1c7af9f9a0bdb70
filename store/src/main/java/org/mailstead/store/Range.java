package org.mailstead.store;

import java.util.Arrays;
import java.util.Optional;

/// Keys from `from` (inclusive) to `to` (exclusive; empty: to the end), compared as unsigned bytes,
/// ascending or reversed.
public record Range(byte[] from, Optional<byte[]> to, boolean reversed) {
  public static Range all() {
    return new Range(new byte[0], Optional.empty(), false);
  }

  public static Range of(byte[] from, byte[] to) {
    return new Range(from, Optional.of(to), false);
  }

  public static Range from(byte[] from) {
    return new Range(from, Optional.empty(), false);
  }

  public static Range prefix(byte[] prefix) {
    return new Range(prefix, successor(prefix), false);
  }

  public Range backwards() {
    return new Range(from, to, true);
  }

  /// What is left of this range after a row with this key, in the range's direction.
  public Range after(byte[] key) {
    return reversed
        ? new Range(from, Optional.of(key), true)
        : new Range(Arrays.copyOf(key, key.length + 1), to, false);
  }

  /// The smallest key that is greater than every key with this prefix; empty if there is none.
  public static Optional<byte[]> successor(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xFF) {
        byte[] next = Arrays.copyOf(prefix, i + 1);
        next[i]++;
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }
}
