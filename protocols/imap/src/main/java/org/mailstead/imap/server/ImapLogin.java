package org.mailstead.imap.server;

import java.net.InetAddress;
import org.mailstead.core.access.Principal;

/// Checks a name and password. The server module joins it with [org.mailstead.core.access.Logins].
@FunctionalInterface
public interface ImapLogin {
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED
  /// @throws org.mailstead.base.UnavailableException cannot be checked now
  Principal login(String name, String password, InetAddress peer);
}
