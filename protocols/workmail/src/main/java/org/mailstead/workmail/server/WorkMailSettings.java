package org.mailstead.workmail.server;

import java.util.Optional;

/// What the API's answers need to know about the installation.
///
/// @param region the one in ARNs and audit records; callers may sign for any
/// @param mailHost the name that MX records should point to, if the operator gave one
/// @param availability how free/busy providers of other domains are tested
/// @param rates how fast one access key may call
public record WorkMailSettings(
    String region,
    Optional<String> mailHost,
    AvailabilitySettings availability,
    RequestRates rates) {
  public WorkMailSettings(
      String region, Optional<String> mailHost, AvailabilitySettings availability) {
    this(region, mailHost, availability, RequestRates.standard());
  }

  public WorkMailSettings {
    if (!region.matches("[a-z0-9-]{1,64}")) {
      throw new IllegalArgumentException("not a region: " + region);
    }
  }

  public WorkMailSettings(String region, Optional<String> mailHost) {
    this(region, mailHost, AvailabilitySettings.standard());
  }
}
