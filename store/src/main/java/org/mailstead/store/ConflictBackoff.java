package org.mailstead.store;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/// The pauses between attempts at an optimistic commit that conflicts. The first attempts follow at
/// once, because a conflict is mostly over by then. Later ones wait for a random time: a peer that
/// commits again and again from what it knows would otherwise win every race on a busy machine.
public final class ConflictBackoff {
  /// Attempts before the partition counts as unavailable: with the pauses about six seconds.
  public static final int ATTEMPTS_MAX = 200;

  private static final int IMMEDIATE_ATTEMPTS = 4;
  private static final Duration PAUSE_MAX = Duration.ofMillis(64);

  private ConflictBackoff() {}

  /// Waits before the next attempt. What the caller knows of the partition is older after it, so it
  /// reads the version again.
  ///
  /// @param attempt the attempts that conflicted, 1 or more
  public static void pause(int attempt, RandomGenerator random) {
    Duration longest = longest(attempt);
    if (longest.isPositive()) LockSupport.parkNanos(random.nextLong(longest.toNanos()));
  }

  /// The longest pause after so many attempts.
  static Duration longest(int attempt) {
    if (attempt <= IMMEDIATE_ATTEMPTS) return Duration.ZERO;
    long doubled = 1L << Math.min(attempt - IMMEDIATE_ATTEMPTS, 6);
    return Duration.ofMillis(Math.min(doubled, PAUSE_MAX.toMillis()));
  }
}
