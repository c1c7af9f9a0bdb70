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

  @Override
  public int compareTo(PartitionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
