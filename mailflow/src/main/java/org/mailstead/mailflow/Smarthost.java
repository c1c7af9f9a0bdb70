package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.smtp.client.ClientSettings;

/// A server that takes all mail for other servers from us.
public record Smarthost(
    String host, int port, ClientSettings.Tls tls, Optional<Credentials> credentials) {
  /// A name and a password; prints without it.
  public record Credentials(String user, String password) {
    @Override
    public String toString() {
      return "Credentials[user=" + user + ", password=***]";
    }
  }

  /// @throws IllegalArgumentException credentials without TLS, or an impossible port
  public Smarthost {
    if (port < 1 || port > 65535) throw new IllegalArgumentException("smarthost port " + port);
    boolean encrypted =
        switch (tls) {
          case NONE, OPPORTUNISTIC -> false;
          case REQUIRED, VERIFIED, DANE, IMPLICIT_VERIFIED -> true;
        };
    if (credentials.isPresent() && !encrypted) {
      throw new IllegalArgumentException("a smarthost's password needs TLS");
    }
  }
}
