package org.mailstead.core.domains;

import java.util.Optional;

/// What records are made of and how they are asked for.
///
/// @param mailHost the name under which others reach this installation, if the operator gave one;
///   without it no domain has records
/// @param dkimZone the zone in which the operator publishes DKIM keys, so that domains only need
///   aliases into it; empty: domains publish the keys themselves
public record DomainCheckSettings(
    Optional<String> mailHost, Optional<String> dkimZone, RecordInspection inspection) {
  /// Nobody is asked.
  public static DomainCheckSettings of(Optional<String> mailHost) {
    return new DomainCheckSettings(mailHost, Optional.empty(), RecordInspection.none());
  }

  public DomainCheckSettings with(RecordInspection other) {
    return new DomainCheckSettings(mailHost, dkimZone, other);
  }
}
