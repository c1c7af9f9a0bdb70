package org.mailstead.base;

/// One placement of an item in a folder; never reused in its mailbox.
public record ItemId(long value) implements Comparable<ItemId> {
  public ItemId {
    if (value < 1) throw new IllegalArgumentException("ItemId out of range: " + value);
  }

  @Override
  public int compareTo(ItemId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
