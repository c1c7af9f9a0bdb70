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

  /// ORCPT as kept, in octets (RFC 3461 §4.2 allows 500 characters).
  public static final int ORIGINAL_RECIPIENT_BYTES_MAX = 500;

  /// ENVID as kept, in octets (RFC 3461 §4.4 allows 100 characters).
  public static final int ENVELOPE_ID_BYTES_MAX = 100;

  /// Recipient states changed by one commit: 1,000 of at most 450 octets stay far below the store's
  /// 1 MiB.
  static final int RESULTS_PER_COMMIT_MAX = 1000;

  /// Recipients in one write-once value.
  static final int RECIPIENTS_PER_SEGMENT = 64;

  /// Octets of versioned rows that one merged commit aims at.
  static final int COMMIT_BYTES_TYPICAL = 128 * 1024;

  /// How long a claim lasts unless renewed.
  public static final Duration CLAIM_DURATION = Duration.ofMinutes(15);

  /// Attempts at one commit before the queue counts as unavailable.
  static final int COMMIT_ATTEMPTS_MAX = 50;

  /// Where held entries stand in the time index: no clock comes there.
  static final Instant HELD = Instant.parse("9999-12-31T00:00:00Z");

  private QueueLimits() {}
}
