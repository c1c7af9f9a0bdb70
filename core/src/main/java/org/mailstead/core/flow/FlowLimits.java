package org.mailstead.core.flow;

/// Bounds of mail flow rules (WorkMail guide, Quotas).
public final class FlowLimits {
  /// Sender patterns; as many recipient patterns.
  public static final int PATTERNS_PER_RULE_MAX = 250;

  /// Sender patterns of all rules of an organization, inbound and outbound.
  public static final int PATTERNS_MAX = 1_000;

  /// Characters of all patterns of one rule: a rule is one record.
  public static final int PATTERN_CHARS_PER_RULE_MAX = 40_000;

  public static final int GATEWAYS_MAX = 100;

  /// Addresses in a header's Sender or From that rules look at.
  public static final int ADDRESSES_MAX = 100;

  /// How long a synchronous function is tried (WorkMail guide, Configuring synchronous Run Lambda
  /// rules).
  public static final int TIMEOUT_MINUTES_MAX = 240;

  /// Where a rule does not say. The guide names no default.
  public static final int TIMEOUT_MINUTES_USUAL = 60;

  private FlowLimits() {}
}
