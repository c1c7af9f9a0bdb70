package org.mailstead.mailflow.filter;

import java.time.Duration;

/// Bounds of what filters may cost and say.
public final class FilterLimits {
  /// Octets of an answer of clamd.
  static final int VIRUS_ANSWER_BYTES_MAX = 4 << 10;

  /// Octets of an answer of a spam filter.
  static final int SPAM_ANSWER_BYTES_MAX = 1 << 20;

  /// Reasons that are kept of one answer.
  static final int REASONS_MAX = 50;

  /// Characters of one reason, of the name of a virus.
  static final int REASON_CHARS_MAX = 100;

  /// Octets of one packet of a milter.
  static final int MILTER_PACKET_BYTES_MAX = 1 << 20;

  /// Packets that a milter may send between a command and its answer (progress, header changes).
  static final int MILTER_PACKETS_MAX = 1_000;

  /// Octets of one chunk of a body for a milter (sendmail's MILTER_CHUNK_SIZE).
  static final int MILTER_CHUNK_BYTES = 65_535;

  /// Header fields that a milter may add or change.
  static final int MILTER_CHANGES_MAX = 100;

  /// Octets of a header field that a milter adds.
  static final int MILTER_FIELD_BYTES_MAX = 64 << 10;

  /// Milters that can be set.
  public static final int MILTERS_MAX = 10;

  /// DNS block lists that can be set.
  public static final int BLOCK_LISTS_MAX = 10;

  /// Failures in a row after which a filter is left alone for a while.
  static final int FAILURES_MAX = 3;

  /// How long it is left alone.
  static final Duration PAUSE = Duration.ofSeconds(30);

  /// Messages that one filter looks at at once; more wait for their turn, within the time limit.
  static final int CONCURRENCY_MAX = 32;

  private FilterLimits() {}
}
