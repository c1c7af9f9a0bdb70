package org.mailstead.core.access;

import java.util.ArrayList;
import java.util.List;

/// What takes part in a login beside the password: plugged into [Logins] where the service is
/// joined.
///
/// @param sources asked in this order
public record LoginExtensions(
    LoginPolicy policy, List<CredentialSource> sources, List<LoginListener> listeners) {
  public LoginExtensions {
    sources = List.copyOf(sources);
    listeners = List.copyOf(listeners);
  }

  /// Passwords only, for everybody from everywhere.
  public static LoginExtensions none() {
    return new LoginExtensions(LoginPolicy.open(), List.of(), List.of());
  }

  public LoginExtensions withPolicy(LoginPolicy newPolicy) {
    return new LoginExtensions(newPolicy, sources, listeners);
  }

  /// The source is asked after those that are there already.
  public LoginExtensions withSource(CredentialSource source) {
    return new LoginExtensions(policy, added(sources, source), listeners);
  }

  public LoginExtensions withListener(LoginListener listener) {
    return new LoginExtensions(policy, sources, added(listeners, listener));
  }

  private static <T> List<T> added(List<T> present, T last) {
    List<T> all = new ArrayList<>(present);
    all.add(last);
    return all;
  }
}
