package org.mailstead.core.authorization;

import java.util.List;
import java.util.Locale;

/// One statement of a policy.
///
/// @param actions in small letters, wildcards allowed
/// @param notActions whether every action matches but these
/// @param resources ARNs with wildcards, or `*`
/// @param notResources whether every resource matches but these
/// @param conditions all must hold
record Statement(
    Effect effect,
    List<String> actions,
    boolean notActions,
    List<String> resources,
    boolean notResources,
    List<Condition> conditions) {
  enum Effect {
    ALLOW,
    DENY
  }

  boolean matches(PolicyRequest request) {
    String action = request.action().toLowerCase(Locale.ROOT);
    return any(actions, action) != notActions
        && any(resources, request.resource()) != notResources
        && conditions.stream().allMatch(condition -> condition.holds(request));
  }

  private static boolean any(List<String> patterns, String text) {
    return patterns.stream().anyMatch(pattern -> Wildcards.matches(pattern, text));
  }
}
