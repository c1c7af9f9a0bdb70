package org.mailstead.core.flow;

import java.time.Instant;
import java.util.Optional;

/// A server that rules for outbound mail can route to (FLW-5).
public record SmtpGateway(String id, Terms terms, Instant created, Instant modified) {
  /// What an administrator says.
  ///
  /// @param password never shown again; on a change, empty leaves it as it was
  public record Terms(
      String name, String host, int port, Optional<String> userName, Optional<String> password) {
    @Override
    public String toString() {
      return "Terms[" + name + ", " + host + ", " + port + ", " + userName + ", ***]";
    }
  }
}
