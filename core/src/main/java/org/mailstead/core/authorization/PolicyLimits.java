package org.mailstead.core.authorization;

/// What a policy document may stretch.
///
/// @spec https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html AWS IAM: Quotas
public final class PolicyLimits {
  /// Characters of a document without white space, as IAM counts them.
  public static final int CHARS_MAX = 6_144;

  /// Characters of a document as sent, white space included.
  public static final int RAW_CHARS_MAX = 32_768;

  /// Objects and lists inside each other; the grammar needs six.
  public static final int NESTING_MAX = 8;

  private PolicyLimits() {}
}
