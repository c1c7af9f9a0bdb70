package org.mailstead.migration.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ReadItem;

/// Reads ahead of the writer in a thread of its own, as far as the octets that are held allow. The
/// writer gives octets back when their item is settled.
final class ReadAhead implements AutoCloseable {
  /// What a wait for the next item ended with.
  sealed interface Next {
    record Item(ReadItem item) implements Next {}

    /// Nothing came in time: a good moment to write what has been collected.
    record NotYet() implements Next {}

    record End() implements Next {}
  }

  private static final int ITEMS_MAX = 1_000;

  private final ItemReader reader;
  private final long heldBytesMax;
  private final ArrayDeque<ReadItem> ready = new ArrayDeque<>();
  private final @Nullable Thread thread;
  private long heldBytes;
  private int heldItems;
  private boolean ended;
  private boolean closed;
  private @Nullable Exception failure;

  /// @param threaded false: items are read when they are asked for
  ReadAhead(ItemReader reader, long heldBytesMax, boolean threaded) {
    this.reader = reader;
    this.heldBytesMax = heldBytesMax;
    this.thread = threaded ? Thread.ofVirtual().name("read-ahead").start(this::fill) : null;
  }

  private void fill() {
    try {
      while (true) {
        Optional<ReadItem> next = reader.next();
        synchronized (this) {
          if (next.isEmpty() || closed) {
            next.ifPresent(ReadAhead::drop);
            break;
          }
          ready.add(next.get());
          heldItems++;
          heldBytes += bytes(next.get());
          notifyAll();
          // An item that is larger than the limit passes alone.
          while (!closed && isFull()) {
            notifyAll();
            wait();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        failure = e;
      }
    } finally {
      reader.close();
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private boolean isFull() {
    return heldBytes > heldBytesMax || heldItems > ITEMS_MAX;
  }

  /// The next item. Nothing more comes as long as all that may be held is held: then the answer is
  /// at once that there is none, for only what the writer gives back helps.
  Next next(Duration patience) throws IOException {
    if (thread == null) {
      Optional<ReadItem> item = reader.next();
      return item.isPresent() ? new Next.Item(item.get()) : new Next.End();
    }
    synchronized (this) {
      long until = System.nanoTime() + patience.toNanos();
      try {
        for (long left = patience.toNanos();
            ready.isEmpty() && !ended && !isFull() && left > 0;
            left = until - System.nanoTime()) {
          wait(1 + left / 1_000_000);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoppedException();
      }
      ReadItem item = ready.poll();
      if (item != null) return new Next.Item(item);
      if (!ended) return new Next.NotYet();
      Exception broken = failure;
      if (broken instanceof IOException io) throw io;
      if (broken instanceof RuntimeException unchecked) throw unchecked;
      return new Next.End();
    }
  }

  /// The item is settled and its content closed.
  synchronized void release(long sizeBytes) {
    heldBytes -= sizeBytes;
    heldItems--;
    notifyAll();
  }

  static long bytes(ReadItem item) {
    return switch (item) {
      case ReadItem.Found(_, var content) ->
          content.length() > SPOOLED_BYTES ? 0 : content.length();
      case ReadItem.Missing _, ReadItem.Unreadable _ -> 0;
    };
  }

  /// Contents above this size lie in files, not in memory.
  static final long SPOOLED_BYTES = 1 << 20;

  private static void drop(ReadItem item) {
    if (item instanceof ReadItem.Found found) found.content().close();
  }

  @Override
  public void close() {
    Thread filler = thread;
    if (filler == null) {
      reader.close();
      return;
    }
    synchronized (this) {
      closed = true;
      ready.forEach(ReadAhead::drop);
      ready.clear();
      notifyAll();
    }
    try {
      filler.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
