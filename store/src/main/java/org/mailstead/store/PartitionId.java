package org.mailstead.store;

import java.nio.charset.StandardCharsets;

/// The unit of consistency: `mailbox/M`, `org/O`, `directory/O/3`, `queue/17` … At most 200 octets,
/// no control characters.
public record PartitionId(String value) implements Comparable<PartitionId> {
  public static final int BYTES_MAX = 200;

  public PartitionId {
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > BYTES_MAX) {
      throw new IllegalArgumentException("partition id length out of range: " + bytes);
    }
    if (value.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException("control character in partition id");
    }
  }

  /// The order of the UTF-8 octets, in which engines keep them.
  @Override
  public int compareTo(PartitionId other) {
    String that = other.value;
    int count = Math.min(value.length(), that.length());
    for (int i = 0; i < count; i++) {
      char a = value.charAt(i);
      char b = that.charAt(i);
      if (a == b) continue;
      // UTF-16 puts U+E000 to U+FFFF above surrogates, UTF-8 below.
      if (Character.isSurrogate(a) != Character.isSurrogate(b)) {
        return Character.isSurrogate(a) ? (b >= 0xE000 ? 1 : a - b) : (a >= 0xE000 ? -1 : a - b);
      }
      return a - b;
    }
    return value.length() - that.length();
  }

  @Override
  public String toString() {
    return value;
  }
}
