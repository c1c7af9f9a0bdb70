package org.mailstead.core.authorization;

import java.util.List;
import java.util.Optional;

/// One line of a Condition block: an operator, a key, and values of which one must match (none, for
/// a negated operator).
///
/// @param key in small letters
record Condition(
    Quantifier quantifier,
    ConditionOperator operator,
    boolean ifExists,
    String key,
    List<String> values) {
  enum Quantifier {
    NONE,
    FOR_ANY_VALUE,
    FOR_ALL_VALUES
  }

  boolean holds(PolicyRequest request) {
    Optional<List<String>> requested = request.values(key);
    if (operator == ConditionOperator.NULL) {
      return values.contains(Boolean.toString(requested.isEmpty()));
    }
    if (requested.isEmpty()) {
      // A key that is not there: a comparison fails, its negation holds; IfExists always holds,
      // and so does a statement about all of no values.
      return switch (quantifier) {
        case NONE -> ifExists || operator.isNegated();
        case FOR_ANY_VALUE -> ifExists;
        case FOR_ALL_VALUES -> true;
      };
    }
    return switch (quantifier) {
      case NONE, FOR_ANY_VALUE -> requested.get().stream().anyMatch(this::matches);
      case FOR_ALL_VALUES -> requested.get().stream().allMatch(this::matches);
    };
  }

  private boolean matches(String requested) {
    boolean met = values.stream().anyMatch(value -> operator.meets(requested, value));
    return met != operator.isNegated();
  }
}
