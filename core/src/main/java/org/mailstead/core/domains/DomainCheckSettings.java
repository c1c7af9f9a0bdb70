package org.mailstead.core.domains;

import java.util.List;
import java.util.Optional;

/// What records are made of and how they are asked for.
///
/// @param mailHost the name under which others reach this installation, if the operator gave one;
///   without it no domain has records
/// @param dkimZone the zone in which the operator publishes DKIM keys, so that domains only need
///   aliases into it; empty: domains publish the keys themselves
/// @param zones that records may be written to
public record DomainCheckSettings(
    Optional<String> mailHost,
    Optional<String> dkimZone,
    RecordInspection inspection,
    List<EditableZone> zones) {
  public DomainCheckSettings {
    zones = List.copyOf(zones);
  }

  /// Nobody is asked.
  public static DomainCheckSettings of(Optional<String> mailHost) {
    return new DomainCheckSettings(mailHost, Optional.empty(), RecordInspection.none(), List.of());
  }

  public DomainCheckSettings with(RecordInspection other) {
    return new DomainCheckSettings(mailHost, dkimZone, other, zones);
  }

  public DomainCheckSettings with(List<EditableZone> other) {
    return new DomainCheckSettings(mailHost, dkimZone, inspection, other);
  }
}
