package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.mailstead.base.UnavailableException;

/// Lets as many lanes work at once as an [AdaptiveLimit] allows: those of one mailbox, or of all
/// mailboxes at one server. For several threads.
public final class Lanes {
  /// One moment.
  ///
  /// @param active lanes at work
  /// @param limit lanes that may be at work now
  /// @param max lanes that the settings allow
  public record Snapshot(int active, int limit, int max) {}

  private static final double WEIGHT_BYTES = 65_536;

  private final AdaptiveLimit limit;
  private final LongSupplier nanoTime;
  private int active;

  public Lanes(AdaptiveLimit limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /// Without any limit that could be felt.
  static Lanes free() {
    return new Lanes(
        new AdaptiveLimit(
            new AdaptiveLimit.Settings(1_000, 1_000, java.time.Duration.ofDays(1), 1)),
        System::nanoTime);
  }

  /// Waits until another lane may work.
  ///
  /// @throws StoppedException the run ends
  synchronized void enter(StopSignal stop) {
    while (active >= limit.limit()) {
      if (stop.isStopped()) throw new StoppedException();
      try {
        wait(250);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoppedException();
      }
    }
    active++;
  }

  synchronized void rejoin() {
    active++;
  }

  synchronized void leave() {
    active--;
    notifyAll();
  }

  /// Whether more lanes are at work than may be: one of them should leave and enter again.
  synchronized boolean isCrowded() {
    return active > limit.limit();
  }

  synchronized void moved(long sizeBytes) {
    if (limit.moved(1 + sizeBytes / WEIGHT_BYTES, active, nanoTime.getAsLong())) notifyAll();
  }

  /// A failure that says that the server has too much to do, or may have. A refusal does not.
  synchronized void failed(Exception failure) {
    if (failure instanceof IOException || failure instanceof UnavailableException) {
      if (limit.struck(nanoTime.getAsLong())) notifyAll();
    }
  }

  public synchronized Snapshot snapshot() {
    return new Snapshot(active, limit.limit(), limit.max());
  }
}
