package org.mailstead.smtp.server;

import java.net.InetAddress;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;

/// Checks the credentials of an AUTH command; wired to `core.access.Logins`.
@FunctionalInterface
public interface SmtpLogin {
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED; FORBIDDEN: the credentials
  ///   are right, but nobody sends as another user
  /// @throws org.mailstead.base.UnavailableException too many logins wait
  Principal login(Credentials credentials, InetAddress peer);

  /// Whether a session that is logged in may still go on. Asked at each request: it must be cheap.
  default boolean mayContinue(Principal principal, InetAddress peer) {
    return true;
  }
}
