package org.mailstead.imap.wire;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Output buffers that are lent to sessions while they write, so that a silent connection holds
/// none.
public final class BufferPool {
  /// One write call takes this much at the most.
  public static final int BUFFER_BYTES = 1 << 16;

  private static final int KEPT_COUNT_MAX = 64;

  private final ConcurrentLinkedQueue<byte[]> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger freeCount = new AtomicInteger();

  byte[] take() {
    byte[] buffer = free.poll();
    if (buffer == null) return new byte[BUFFER_BYTES];
    freeCount.decrementAndGet();
    return buffer;
  }

  void giveBack(byte[] buffer) {
    if (freeCount.incrementAndGet() > KEPT_COUNT_MAX) {
      freeCount.decrementAndGet();
    } else {
      free.add(buffer);
    }
  }
}
