package org.mailstead.core.authorization;

import java.util.Collection;
import java.util.List;

/// A policy in IAM's JSON language, checked: what it says is understood whole, or it would not
/// exist.
///
/// The language is that of identity-based policies: Version, Id, Statement with Sid, Effect, Action
/// or NotAction, Resource or NotResource, and Condition. Policy variables (`${…}`) are refused.
///
/// @spec https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html AWS IAM:
///   Grammar of the policy language
public final class PolicyDocument {
  private final String text;
  private final List<Statement> statements;

  PolicyDocument(String text, List<Statement> statements) {
    this.text = text;
    this.statements = List.copyOf(statements);
  }

  /// @throws org.mailstead.base.MalformedException the text names what is wrong and where
  public static PolicyDocument parse(String text) {
    return new PolicyParser().parse(text);
  }

  /// What the policies of one caller say together: a Deny anywhere wins, then an Allow, and what
  /// nothing speaks of is denied.
  public static PolicyDecision decide(Collection<PolicyDocument> policies, PolicyRequest request) {
    PolicyDecision decision = PolicyDecision.DENIED_BY_DEFAULT;
    for (PolicyDocument policy : policies) {
      for (Statement statement : policy.statements) {
        if (!statement.matches(request)) continue;
        switch (statement.effect()) {
          case ALLOW -> decision = PolicyDecision.ALLOWED;
          case DENY -> {
            return PolicyDecision.DENIED_EXPLICITLY;
          }
        }
      }
    }
    return decision;
  }

  /// The document without superfluous white space.
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}
