package org.mailstead.migration.transfer;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells a run to end cleanly: what is under way is finished and recorded, nothing new begins.
public final class StopSignal {
  private final CountDownLatch stopped = new CountDownLatch(1);

  public void stop() {
    stopped.countDown();
  }

  public boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /// Waits, but not longer than until the signal.
  public void sleep(Duration duration) {
    try {
      // Whether it ended early is asked with isStopped.
      boolean early = stopped.await(duration.toNanos(), TimeUnit.NANOSECONDS);
      if (early) return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop();
    }
  }
}
