package org.mailstead.mailflow.dns;

import java.time.Duration;

/// Bounds of questions to the DNS.
public final class DnsLimits {
  /// All questions of one message together.
  public static final Duration MESSAGE_DURATION_MAX = Duration.ofSeconds(20);

  /// Questions of one message that are not answered from memory. SPF needs up to some 120 for the
  /// two identities, DKIM ten, DMARC a few dozen.
  public static final int MESSAGE_QUESTIONS_MAX = 200;

  /// Answers remembered.
  public static final int CACHE_ENTRIES_MAX = 20_000;

  /// An answer with more octets is not remembered.
  public static final int CACHED_BYTES_MAX = 16 << 10;

  /// However long a record says it lives.
  public static final Duration CACHE_LIFE_MAX = Duration.ofHours(6);

  /// However long a zone says that a name stays away (RFC 2308 §5).
  public static final Duration NEGATIVE_LIFE_MAX = Duration.ofMinutes(15);

  /// Aliases after one another (RFC 1034 §3.6.2 expects one).
  public static final int ALIASES_MAX = 8;

  /// Records of one answer that are looked at.
  public static final int RECORDS_MAX = 500;

  private DnsLimits() {}
}
