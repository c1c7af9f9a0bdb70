package org.mailstead.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs what must be done now and then, each job on a virtual thread of its own. A job that fails
/// is logged and tried again at its next time.
final class Jobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  void every(Duration period, String name, Runnable job) {
    threads.add(
        Thread.ofVirtual()
            .name("job-" + name)
            .start(() -> {
              try {
                while (!closed.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
                  runOnce(name, job);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }

  private static void runOnce(String name, Runnable job) {
    try {
      job.run();
    } catch (RuntimeException e) {
      LOG.warn("job {} failed, will be tried again: {}", name, e.toString(), e);
    }
  }

  /// Waits for jobs under way.
  @Override
  public void close() {
    closed.countDown();
    try {
      for (Thread thread : threads) thread.join(Duration.ofSeconds(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
