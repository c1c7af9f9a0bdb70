package org.mailstead.managesieve.server;

import java.net.InetAddress;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;

/// Checks a name and password. The server module joins it with [org.mailstead.core.access.Logins].
@FunctionalInterface
public interface ManageSieveLogin {
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED, FORBIDDEN
  /// @throws org.mailstead.base.UnavailableException cannot be checked now
  Principal login(Credentials credentials, InetAddress peer);

  /// Whether a session that is logged in may still go on. Asked at each command.
  default boolean mayContinue(Principal principal, InetAddress peer) {
    return true;
  }
}
