package org.mailstead.base;

/// A folder of one mailbox; never reused.
public record FolderId(long value) implements Comparable<FolderId> {
  public FolderId {
    if (value < 1) throw new IllegalArgumentException("FolderId out of range: " + value);
  }

  @Override
  public int compareTo(FolderId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
