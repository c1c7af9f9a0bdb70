package org.mailstead.workmail.wire;

import java.time.Duration;

/// What a signature may stretch.
public final class SigV4Limits {
  /// How far the caller's clock may be off, either way.
  public static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(15);

  /// How long a presigned query may count: seven days.
  public static final Duration PRESIGNED_MAX = Duration.ofDays(7);

  /// Names in SignedHeaders.
  public static final int SIGNED_HEADER_COUNT_MAX = 64;

  private SigV4Limits() {}
}
