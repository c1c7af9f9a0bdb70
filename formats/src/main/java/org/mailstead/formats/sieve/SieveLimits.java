package org.mailstead.formats.sieve;

import java.time.Duration;

/// Bounds of scripts and of one run. RFC 5228 §2.10.7 asks for some of them.
public final class SieveLimits {
  /// Octets of a script's text.
  public static final int SCRIPT_BYTES_MAX = 64 * 1024;

  /// Blocks, tests and lists of tests inside each other.
  public static final int NESTING_MAX = 32;

  /// Commands and tests of one script.
  public static final int NODES_MAX = 4_000;

  /// Strings of one list.
  public static final int LIST_MAX = 1_000;

  /// Characters of one string in a script, and of one that comes out of an expansion.
  public static final int STRING_CHARS_MAX = 32 * 1024;

  /// Actions that one run takes.
  public static final int ACTIONS_MAX = 32;

  /// Addresses that one run redirects and forwards to, unless the caller says otherwise.
  public static final int REDIRECTS_MAX = 5;

  /// Variables of one run (RFC 5229 §6 wants 128).
  public static final int VARIABLES_MAX = 256;

  /// Characters of a variable's name (RFC 5229 §3 wants 32).
  public static final int VARIABLE_NAME_CHARS_MAX = 64;

  /// Characters of a variable's value; a longer one is cut (RFC 5229 §6 wants 4,000).
  public static final int VARIABLE_CHARS_MAX = 8_192;

  /// Parts of a match that are kept, the whole included (RFC 5229 §3.2 wants 10).
  public static final int MATCH_VARIABLES_MAX = 32;

  /// Flags of one message.
  public static final int FLAGS_MAX = 64;

  /// Characters that one run compares, about: a script of pathological patterns ends there.
  public static final long WORK_MAX = 64_000_000L;

  /// Values of a header field that one test looks at.
  public static final int VALUES_MAX = 1_000;

  /// Characters of the body that tests look at.
  public static final int BODY_CHARS_MAX = 4 << 20;

  /// Vacation: how long the same sender hears nothing more (RFC 5230 §4.1, RFC 6131 §2).
  public static final Duration VACATION_PERIOD_MIN = Duration.ofMinutes(1);

  public static final Duration VACATION_PERIOD_DEFAULT = Duration.ofDays(7);
  public static final Duration VACATION_PERIOD_MAX = Duration.ofDays(90);

  /// How long a duplicate is remembered (RFC 7352 §3).
  public static final Duration DUPLICATE_PERIOD_DEFAULT = Duration.ofDays(7);

  public static final Duration DUPLICATE_PERIOD_MAX = Duration.ofDays(30);

  private SieveLimits() {}
}
