package org.mailstead.core.access;

import java.util.List;

/// What a [LoginPolicy] says.
public sealed interface AccessDecision {
  /// Names of the rules that decided; empty when none matched.
  List<String> rules();

  default boolean isAllowed() {
    return this instanceof Allowed;
  }

  record Allowed(List<String> rules) implements AccessDecision {
    public Allowed {
      rules = List.copyOf(rules);
    }
  }

  /// @param cause for logs: which rule denies, or that none allows
  record Denied(String cause, List<String> rules) implements AccessDecision {
    public Denied {
      rules = List.copyOf(rules);
    }
  }
}
