package org.mailstead.core.access;

import java.util.List;

/// Decides whether a user whose credential is right may come in this way. [Logins] asks it at every
/// login, remembered credentials included, and sessions ask it again at every request, so it has to
/// answer from memory.
@FunctionalInterface
public interface LoginPolicy {
  AccessDecision decide(AccessRequest request);

  /// Lets everybody in.
  static LoginPolicy open() {
    return _ -> new AccessDecision.Allowed(List.of());
  }
}
