package org.mailstead.workmail.server;

import java.util.Optional;

/// What the API's answers need to know about the installation.
///
/// @param region the one in ARNs and audit records; callers may sign for any
/// @param mailHost the name that MX records should point to, if the operator gave one
public record WorkMailSettings(String region, Optional<String> mailHost) {
  public WorkMailSettings {
    if (!region.matches("[a-z0-9-]{1,64}")) {
      throw new IllegalArgumentException("not a region: " + region);
    }
  }
}
