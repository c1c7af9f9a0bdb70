package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What stands between messages and a filter that may be dead: after [FilterLimits#FAILURES_MAX]
/// failures in a row it is left alone for [FilterLimits#PAUSE], and messages go by without waiting.
/// Then one message tries it, while others still go by. At most so many at once ask a filter.
final class Breaker {
  private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

  /// Asks the filter.
  interface Call<T> {
    T call() throws IOException;
  }

  private final String name;
  private final Duration timeout;
  private final InstantSource clock;
  private final Semaphore turns = new Semaphore(FilterLimits.CONCURRENCY_MAX);
  private int failureCount;
  private Instant closedUntil = Instant.MIN;
  private boolean trying;
  private Optional<String> failure = Optional.empty();

  /// @param timeout how long a message waits for its turn
  Breaker(String name, Duration timeout, InstantSource clock) {
    this.name = name;
    this.timeout = timeout;
    this.clock = clock;
  }

  /// @return the answer; empty, with a line in the log, if there is none
  <T> Optional<T> ask(String id, Call<T> call) {
    if (!mayTry()) {
      LOG.debug("message {}: {} is left alone", id, name);
      return Optional.empty();
    }
    boolean done = false;
    try {
      if (!turns.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("too many messages wait for it");
      }
      try {
        T answer = call.call();
        succeeded();
        done = true;
        return Optional.of(answer);
      } finally {
        turns.release();
      }
    } catch (IOException e) {
      done = true;
      failed(id, String.valueOf(e.getMessage()));
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      if (!done) endTrial();
    }
  }

  private synchronized boolean mayTry() {
    if (failureCount < FilterLimits.FAILURES_MAX) return true;
    if (trying || clock.instant().isBefore(closedUntil)) return false;
    trying = true;
    return true;
  }

  private synchronized void endTrial() {
    trying = false;
  }

  private synchronized void succeeded() {
    if (failureCount >= FilterLimits.FAILURES_MAX) LOG.info("{} answers again", name);
    failureCount = 0;
    trying = false;
    failure = Optional.empty();
  }

  private synchronized void failed(String id, String text) {
    failureCount++;
    trying = false;
    failure = Optional.of(text);
    if (failureCount < FilterLimits.FAILURES_MAX) {
      LOG.warn("message {}: {} has no verdict: {}", id, name, text);
      return;
    }
    closedUntil = clock.instant().plus(FilterLimits.PAUSE);
    LOG.warn(
        "message {}: {} has no verdict: {}; it is left alone for {} s",
        id,
        name,
        text,
        FilterLimits.PAUSE.toSeconds());
  }

  /// Whether and how it works now.
  synchronized MessageFilters.Health health() {
    return new MessageFilters.Health(name, failure);
  }
}
