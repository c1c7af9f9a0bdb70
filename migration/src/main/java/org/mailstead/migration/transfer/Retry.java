package org.mailstead.migration.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Tries again: exponential back-off with full jitter, never sooner than a server asked for.
///
/// A refused login is tried again for [TransferSettings#freshPasswordWait]: a password that was
/// just set is not known everywhere for half a minute or more. After that, as every other refusal,
/// it is final.
public final class Retry {
  /// Something that may fail because of the way, not because of itself.
  @FunctionalInterface
  public interface Attempt<T> {
    T run() throws IOException;
  }

  private final TransferSettings settings;
  private final RandomGenerator random;
  private final StopSignal stop;
  private final TransferListener listener;
  private final Consumer<Exception> observer;
  private int failures;
  private Duration refusedFor = Duration.ZERO;

  public Retry(
      TransferSettings settings,
      RandomGenerator random,
      StopSignal stop,
      TransferListener listener) {
    this(settings, random, stop, listener, _ -> {});
  }

  /// @param observer hears of each failure before the wait that follows it
  Retry(
      TransferSettings settings,
      RandomGenerator random,
      StopSignal stop,
      TransferListener listener,
      Consumer<Exception> observer) {
    this.settings = settings;
    this.random = random;
    this.stop = stop;
    this.listener = listener;
    this.observer = observer;
  }

  /// Progress was made: the next failure is a first one.
  public void succeeded() {
    failures = 0;
    refusedFor = Duration.ZERO;
  }

  /// Runs it until it succeeds.
  ///
  /// @throws GaveUpException it never did
  public <T> T call(Attempt<T> attempt) throws GaveUpException {
    while (true) {
      if (stop.isStopped()) throw new StoppedException();
      try {
        T result = attempt.run();
        succeeded();
        return result;
      } catch (GaveUpException e) {
        throw e;
      } catch (IOException | UnavailableException | RefusedException e) {
        failed(e);
      }
    }
  }

  /// Waits as long as this failure asks for.
  ///
  /// @throws GaveUpException waiting has not helped or cannot help
  public void failed(Exception failure) throws GaveUpException {
    observer.accept(failure);
    if (failure instanceof RefusedException refused) {
      if (refused.refusal() != Refusal.AUTHENTICATION_FAILED
          || refusedFor.compareTo(settings.freshPasswordWait()) >= 0) {
        throw new GaveUpException(refused.logText(), refused);
      }
    } else if (++failures > settings.retriesMax()) {
      throw new GaveUpException(
          "failed %d times in a row, at last: %s".formatted(failures, text(failure)), failure);
    }
    Duration wait = wait(failure);
    if (failure instanceof RefusedException) refusedFor = refusedFor.plus(wait);
    listener.waiting(text(failure), wait);
    stop.sleep(wait);
    if (stop.isStopped()) throw new StoppedException();
  }

  private Duration wait(Exception failure) {
    if (failure instanceof RefusedException) {
      Duration part = settings.freshPasswordWait().dividedBy(6);
      return part.isZero() ? Duration.ofMillis(1) : part;
    }
    int doublings = Math.min(failures - 1, 20);
    Duration ceiling = settings.backoffFirst().multipliedBy(1L << doublings);
    if (ceiling.compareTo(settings.backoffMax()) > 0) ceiling = settings.backoffMax();
    // The first failure is mostly a connection that was closed: try at once.
    long jittered = failures <= 1 ? 0 : random.nextLong(ceiling.toNanos() + 1);
    if (failure instanceof UnavailableException throttled) {
      return throttled.retryAfter().plusNanos(jittered);
    }
    return Duration.ofNanos(jittered);
  }

  private static String text(Exception failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
