package org.mailstead.core.authorization;

/// What the policies of a caller say about one request.
///
/// @spec
///   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
///   AWS IAM: Policy evaluation
public enum PolicyDecision {
  ALLOWED,
  /// A statement with the effect Deny matched: nothing can allow it.
  DENIED_EXPLICITLY,
  /// No statement matched.
  DENIED_BY_DEFAULT
}
