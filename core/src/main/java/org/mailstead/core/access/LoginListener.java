package org.mailstead.core.access;

/// Hears every attempt to log in, after it is decided and before the peer is told. It runs on the
/// login's thread: it must neither wait nor throw.
@FunctionalInterface
public interface LoginListener {
  void attempted(LoginAttempt attempt);

  /// A running session asked again and was refused.
  default void ended(Principal principal, AccessRequest request, AccessDecision decision) {}
}
