package org.mailstead.core.access;

import java.net.InetAddress;

/// Checks a name and password (design §6): Argon2id, at most two hashes at once behind a bounded
/// queue, a verified credential remembered as a keyed hash for ten minutes, a delay that grows with
/// failures per account and network.
public final class Logins {
  /// Logs a user in by address (primary or alias) and password. Blocks while the brute-force delay
  /// lasts.
  ///
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED, the same text for every
  ///   cause
  /// @throws org.mailstead.base.UnavailableException too many logins wait
  public Principal login(String name, String password, Protocol protocol, InetAddress peer) {
    throw new UnsupportedOperationException("skeleton");
  }
}
