package org.mailstead.http.aws;

import java.net.URI;
import java.util.Optional;

/// Where buckets are and who asks for them.
///
/// @param endpoint of an S3-compatible service; empty: AWS's own in the region
/// @param pathStyle `endpoint/bucket/key` in place of `bucket.endpoint/key`, as most services that
///   are not AWS's want it
public record S3Settings(
    Optional<URI> endpoint, String region, boolean pathStyle, Credentials credentials) {
  public S3Settings {
    if (!region.matches("[a-z0-9-]{1,64}")) {
      throw new IllegalArgumentException("not a region: " + region);
    }
  }
}
