package org.mailstead.base;

/// A conversation in one mailbox (RFC 8474 THREADID).
public record ThreadId(long value) implements Comparable<ThreadId> {
  public ThreadId {
    if (value < 1) throw new IllegalArgumentException("ThreadId out of range: " + value);
  }

  @Override
  public int compareTo(ThreadId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
