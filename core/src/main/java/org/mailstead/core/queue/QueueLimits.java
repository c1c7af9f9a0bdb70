package org.mailstead.core.queue;

import java.time.Duration;
import java.time.Instant;

/// Bounds of the mail queue.
public final class QueueLimits {
  public static final int SHARD_COUNT = 64;

  /// Recipients of one entry, groups expanded: 20,000 addresses are about 3 MiB of write-once
  /// values and 0.5 MiB of keys when the entry goes.
  public static final int RECIPIENT_COUNT_MAX = 20_000;

  /// What is kept of the last reply about a recipient, in octets.
  public static final int REPLY_BYTES_MAX = 400;

  /// What is kept of the text with which a function bounces a message, in octets.
  public static final int BOUNCE_MESSAGE_BYTES_MAX = 2_000;

  /// Recipient states changed by one commit: 1,000 of at most 450 octets stay far below the store's
  /// 1 MiB.
  static final int RESULTS_PER_COMMIT_MAX = 1000;

  /// Recipients in one write-once value.
  static final int RECIPIENTS_PER_SEGMENT = 64;

  /// Octets of versioned rows that one merged commit aims at.
  static final int COMMIT_BYTES_TYPICAL = 128 * 1024;

  /// How long a claim lasts unless renewed.
  public static final Duration CLAIM_DURATION = Duration.ofMinutes(15);

  /// Rows of a shard's time index that one look passes over.
  public static final int LOOK_ROWS_MAX = 1_000;

  /// Attempts at one commit whose outcome stays unknown.
  static final int UNKNOWN_OUTCOME_ATTEMPTS_MAX = 50;

  /// Where held entries stand in the time index: no clock comes there.
  static final Instant HELD = Instant.parse("9999-12-31T00:00:00Z");

  private QueueLimits() {}
}
