package org.mailstead.http.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// One hosted zone.
///
/// @param zone its name, in lower case, without a dot at the end
/// @param endpoint empty: AWS's
/// @param insyncMax how long a change is waited for until all servers have it; it counts as made
///   even if that takes longer
public record Route53Settings(
    String zone, Optional<URI> endpoint, Credentials credentials, Duration insyncMax) {
  /// Route 53 says: "usually within 60 seconds".
  public static final Duration INSYNC_USUAL = Duration.ofSeconds(75);

  /// @throws IllegalArgumentException not a domain name
  public Route53Settings {
    if (!zone.matches("(?:[a-z0-9_-]{1,63}\\.)+[a-z0-9-]{1,63}")) {
      throw new IllegalArgumentException("not the name of a zone: " + zone);
    }
  }
}
