package org.mailstead.mailflow.dns;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// What may be spent on the DNS for one message or one destination: a total time and a number of
/// questions that were not answered from memory. Somebody else's zone decides how many questions a
/// message leads to; this bounds what that costs. Thread-safe.
public final class DnsBudget {
  private final long end;
  private final AtomicInteger questionsLeft;

  private DnsBudget(long end, int questions) {
    this.end = end;
    this.questionsLeft = new AtomicInteger(questions);
  }

  public static DnsBudget of(Duration total, int questions) {
    return new DnsBudget(System.nanoTime() + total.toNanos(), questions);
  }

  /// For one message: [DnsLimits#MESSAGE_DURATION_MAX] and [DnsLimits#MESSAGE_QUESTIONS_MAX].
  public static DnsBudget ofMessage() {
    return of(DnsLimits.MESSAGE_DURATION_MAX, DnsLimits.MESSAGE_QUESTIONS_MAX);
  }

  /// Time left; zero if it is over or no question is left.
  Duration take() {
    long left = end - System.nanoTime();
    if (left <= 0 || questionsLeft.getAndDecrement() <= 0) return Duration.ZERO;
    return Duration.ofNanos(left);
  }
}
