package org.mailstead.smtp.server;

import java.net.InetAddress;
import org.mailstead.core.access.Principal;

/// Checks the name and password of an AUTH command; wired to `core.access.Logins`.
@FunctionalInterface
public interface SmtpLogin {
  /// @throws org.mailstead.base.RefusedException AUTHENTICATION_FAILED
  /// @throws org.mailstead.base.UnavailableException too many logins wait
  Principal login(String name, String password, InetAddress peer);
}
