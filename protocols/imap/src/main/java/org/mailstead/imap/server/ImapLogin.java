package org.mailstead.imap.server;

import java.net.InetAddress;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;

/// Checks a name and password, and as whom the session acts. The server module joins it with
/// [org.mailstead.core.access.Logins].
@FunctionalInterface
public interface ImapLogin {
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED; FORBIDDEN: the credentials
  ///   are right, but the user may not act as the one named
  /// @throws org.mailstead.base.UnavailableException cannot be checked now
  Principal login(Credentials credentials, InetAddress peer);

  /// Whether a session that is logged in may still go on. Asked at each request: it must be cheap.
  default boolean mayContinue(Principal principal, InetAddress peer) {
    return true;
  }
}
