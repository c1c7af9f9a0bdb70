package org.mailstead.core.spam;

import java.time.Duration;

/// Bounds of what spam filtering looks at and keeps.
public final class SpamLimits {
  /// Octets of a message that are read for words: what is behind them is not looked at.
  public static final int READ_BYTES_MAX = 256 << 10;

  /// Characters of decoded text that are looked at.
  public static final int TEXT_CHARS_MAX = 256 << 10;

  /// Different words of one message.
  public static final int TOKENS_MAX = 2_000;

  /// Characters of a word that counts as one; longer ones count by their first letter and length.
  public static final int WORD_CHARS_MAX = 24;

  /// Words that decide about one message: the most telling ones.
  public static final int DECIDING_TOKENS_MAX = 150;

  /// Messages of each sort that a filter must have seen before it says anything.
  public static final int TRAINED_MIN = 20;

  /// Messages of each sort from which on it may decide alone.
  public static final int SURE_MIN = 100;

  /// Messages of one sort after which all counts are halved, so that what is new weighs more.
  static final int MESSAGES_MAX = 20_000;

  /// Rows of a table of counts; all of them together fit one commit.
  static final int BUCKETS = 224;

  /// Octets of a row before it is sealed. About 430 words fit, 96,000 in a table.
  static final int BUCKET_BYTES_MAX = 3_900;

  /// Messages of a mailbox of which is remembered as what they were learned.
  static final int LESSONS_MAX = 20_000;

  /// Messages that wait to be learned from; more are not learned.
  static final int PENDING_MAX = 5_000;

  /// Messages learned in one commit.
  static final int BATCH_MAX = 20;

  /// Senders whose mail is to be noted with the next commit; more are not.
  static final int NOTES_MAX = 20_000;

  /// How often what came in is noted.
  static final Duration NOTE_INTERVAL = Duration.ofSeconds(5);

  /// Octets of tables in memory.
  static final long CACHE_BYTES_MAX = 64L << 20;

  private SpamLimits() {}
}
