package org.mailstead.mailflow.hooks;

import java.time.Duration;

/// Bounds of Run Lambda rules. Those of the guide: WorkMail guide, Synchronous Run Lambda action
/// limits.
public final class HookLimits {
  /// For a whole call, by the guide.
  public static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(15);

  /// By the guide.
  public static final int ANSWER_BYTES_MAX = 256 << 10;

  /// An event is cut to this, by the guide.
  public static final int EVENT_BYTES_MAX = 128 << 10;

  /// Characters of the subject, by the guide.
  public static final int SUBJECT_CHARS_MAX = 256;

  /// Actions of one answer, by the guide; what is beyond is left to the fallback.
  public static final int ACTIONS_MAX = 10;

  /// Different recipients in one answer; the guide names it for outbound mail.
  public static final int RECIPIENTS_MAX = 500;

  /// Nesting of an answer's JSON.
  public static final int DEPTH_MAX = 20;

  /// Calls at once.
  public static final int CALLS_MAX = 64;

  /// Of these, for the rules of one organization: its slow function costs nobody else.
  public static final int CALLS_PER_ORGANIZATION_MAX = 8;

  /// Messages in memory that wait for a call; others wait in the queue.
  public static final int WAITING_MAX = 500;

  /// Of these, of one organization.
  public static final int WAITING_PER_ORGANIZATION_MAX = 50;

  /// When a message looks for a place again that found none in memory.
  public static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  /// The pause after the first failed call; it doubles.
  public static final Duration DELAY_FIRST = Duration.ofSeconds(1);

  public static final Duration DELAY_MAX = Duration.ofMinutes(5);

  /// How long a function is tried that nobody waits for; AWS keeps such an event as long.
  public static final Duration ASYNCHRONOUS_TIME_MAX = Duration.ofHours(6);

  private HookLimits() {}

  /// The pause after so many failed calls.
  public static Duration delay(int attempts) {
    Duration delay = DELAY_FIRST.multipliedBy(1L << Math.min(Math.max(attempts, 1) - 1, 20));
    return delay.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : delay;
  }
}
