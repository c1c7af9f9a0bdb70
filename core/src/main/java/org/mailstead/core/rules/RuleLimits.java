package org.mailstead.core.rules;

/// Bounds of what one user keeps.
public final class RuleLimits {
  /// Sieve scripts of one mailbox.
  public static final int SCRIPTS_MAX = 32;

  /// Characters of a script's name (RFC 5804 §1.6 wants 128 octets).
  public static final int SCRIPT_NAME_CHARS_MAX = 128;

  /// Inbox rules of one mailbox.
  public static final int RULES_MAX = 100;

  /// Words or addresses of one condition, addresses of one action.
  public static final int WORDS_MAX = 50;

  public static final int WORD_CHARS_MAX = 256;

  public static final int RULE_NAME_CHARS_MAX = 128;

  /// Characters of an out-of-office text.
  public static final int REPLY_CHARS_MAX = 8_000;

  private RuleLimits() {}
}
