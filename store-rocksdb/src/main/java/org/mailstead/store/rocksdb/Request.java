package org.mailstead.store.rocksdb;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Something that the commit thread does for another thread, as part of a [Group].
abstract class Request {
  /// How a request travels.
  enum Way {
    /// Somebody waits: write it with the next group.
    URGENT,
    /// As urgent, but in a group of its own: it reads what other members would write.
    ALONE,
    /// Nobody waits: written with the next urgent one or soon, before everything submitted later,
    /// and again until it succeeds.
    KEPT
  }

  private final Way way;
  private volatile @Nullable Thread waiter;
  private volatile boolean done;
  private @Nullable RuntimeException failure;

  Request(Way way) {
    this.way = way;
  }

  final Way way() {
    return way;
  }

  /// Checks, then adds its changes to the group; in this order, so that a refused request leaves
  /// nothing behind. Called again if the group could not be written and this is KEPT.
  abstract void prepare(Group group) throws RocksDBException;

  /// Called by the commit thread once the group is durable, before anybody hears of it.
  void written() {}

  final void complete() {
    done = true;
    LockSupport.unpark(waiter);
  }

  final void fail(RuntimeException e) {
    failure = e;
    complete();
  }

  /// Waits for the answer; an interrupt is kept for later, because half a wait would leave the
  /// outcome open.
  final void await() {
    waiter = Thread.currentThread();
    boolean interrupted = false;
    while (!done) {
      LockSupport.park(this);
      if (Thread.interrupted()) interrupted = true;
    }
    waiter = null;
    if (interrupted) Thread.currentThread().interrupt();
    RuntimeException failed = failure;
    if (failed == null) return;
    if (failed.getStackTrace().length > 0) failed.addSuppressed(new AskedHere());
    throw failed;
  }

  /// Shows which thread asked, beside the commit thread's own trace.
  private static final class AskedHere extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AskedHere() {
      super("asked by this thread");
    }
  }
}
