package org.mailstead.workmail.server;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.mailstead.workmail.wire.ApiException;

/// Bounds how many requests are carried out at once and how many wait; the rest hear the error
/// after which SDKs slow down and try again.
final class Turns {
  private final Semaphore free;
  private final int waitingMax;
  private final Duration waitMax;

  /// Given back by closing it.
  final class Turn implements AutoCloseable {
    private Turn() {}

    @Override
    public void close() {
      free.release();
    }
  }

  Turns(int concurrentMax, int waitingMax, Duration waitMax) {
    this.free = new Semaphore(concurrentMax, true);
    this.waitingMax = waitingMax;
    this.waitMax = waitMax;
  }

  /// @throws ApiException ThrottlingException
  Turn take() {
    try {
      if (free.tryAcquire()) return new Turn();
      if (waiting() < waitingMax && free.tryAcquire(waitMax.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ApiException("ThrottlingException", 400, "Rate exceeded");
  }

  int waiting() {
    return free.getQueueLength();
  }
}
