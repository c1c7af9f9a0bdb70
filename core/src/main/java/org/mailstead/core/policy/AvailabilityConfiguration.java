package org.mailstead.core.policy;

import java.time.Instant;

/// Where the free/busy times of a domain that lives elsewhere are asked.
public record AvailabilityConfiguration(
    String domain, Provider provider, Instant created, Instant modified) {

  public sealed interface Provider {}

  /// A server that speaks Exchange Web Services.
  ///
  /// @param password never shown again
  public record Ews(String endpoint, String userName, String password) implements Provider {
    @Override
    public String toString() {
      return "Ews[" + endpoint + ", " + userName + ", ***]";
    }
  }

  /// A function behind the AWS Lambda API.
  public record Lambda(String functionArn) implements Provider {}
}
