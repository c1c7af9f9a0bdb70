package org.mailstead.workmail.server;

import java.util.Optional;
import org.mailstead.core.domains.DomainCheckSettings;

/// What the API's answers need to know about the installation.
///
/// @param region the one in ARNs and audit records; callers may sign for any
/// @param domains what domains' records are made of and how they are checked
/// @param availability how free/busy providers of other domains are tested
/// @param rates how fast one access key may call
public record WorkMailSettings(
    String region,
    DomainCheckSettings domains,
    AvailabilitySettings availability,
    RequestRates rates) {
  public WorkMailSettings {
    if (!region.matches("[a-z0-9-]{1,64}")) {
      throw new IllegalArgumentException("not a region: " + region);
    }
  }

  /// @param mailHost the name that MX records should point to, if the operator gave one
  public WorkMailSettings(
      String region,
      Optional<String> mailHost,
      AvailabilitySettings availability,
      RequestRates rates) {
    this(region, DomainCheckSettings.of(mailHost), availability, rates);
  }

  public WorkMailSettings(
      String region, Optional<String> mailHost, AvailabilitySettings availability) {
    this(region, mailHost, availability, RequestRates.standard());
  }

  public WorkMailSettings(String region, Optional<String> mailHost) {
    this(region, mailHost, AvailabilitySettings.standard());
  }
}
