package org.mailstead.workmail.wire;

/// Whatever a caller of the API can make grow. Lengths of single members are the model's.
public final class ApiLimits {
  /// A request body. The largest legal one, an access rule with every list full, has about 60 KB.
  public static final int BODY_BYTES_MAX = 256 * 1024;

  /// Objects and lists inside each other; the model needs six.
  public static final int NESTING_MAX = 16;

  /// Digits of a number.
  public static final int NUMBER_LENGTH_MAX = 64;

  /// Signatures verified at once, which is arithmetic only; more wait as other requests do.
  public static final int VERIFYING_MAX = 16;

  /// Requests waiting for verification; more are throttled unread.
  public static final int VERIFYING_WAITING_MAX = 1_024;

  /// Requests carried out at once; more wait, see [#WAIT_MILLIS_MAX].
  public static final int CONCURRENT_MAX = 64;

  /// Requests waiting for their turn; more are throttled at once.
  public static final int WAITING_MAX = 256;

  /// How long a request waits for its turn before it is throttled.
  public static final int WAIT_MILLIS_MAX = 2_000;

  private ApiLimits() {}
}
