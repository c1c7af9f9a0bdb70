package org.mailstead.core.search;

import java.time.Duration;

/// Bounds of the text index.
final class SearchLimits {
  /// A mailbox with fewer messages has no index: reading them is as fast.
  static final int UNINDEXED_EMAILS_MAX = 100;

  /// Characters of a term; a longer word is cut into overlapping pieces.
  static final int TERM_CHARS_MAX = 64;

  /// Pieces of a long word begin so far apart; so every part of a word up to this length lies
  /// within one piece.
  static final int TERM_STEP_CHARS = 32;

  /// Different terms of one message; one with more counts as a candidate for every search.
  static final int TERMS_PER_EMAIL_MAX = 50_000;

  /// Messages of one commit of the index.
  static final int BATCH_EMAILS = 1000;

  /// Characters of text of one commit of the index.
  static final long BATCH_CHARS_MAX = 64L << 20;

  /// Indexes that are kept open.
  static final int OPEN_INDEXES_MAX = 64;

  /// A search reads so many messages that are not indexed yet itself; with more it indexes them
  /// first.
  static final int UNINDEXED_SCAN_MAX = 200;

  /// A mailbox is indexed when nothing has changed in it for so long.
  static final Duration QUIET = Duration.ofSeconds(2);

  /// Octets of Lucene's buffer of one index that is being written.
  static final double WRITE_BUFFER_MEGABYTES = 16;

  private SearchLimits() {}
}
