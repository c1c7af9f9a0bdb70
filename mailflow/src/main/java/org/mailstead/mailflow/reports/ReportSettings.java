package org.mailstead.mailflow.reports;

import java.util.Optional;
import org.mailstead.base.EmailAddress;

/// Who reports.
///
/// @param from of a verified domain of ours, so that the report itself passes DMARC; empty: nothing
///   is counted and nothing sent
/// @param organizationName as it stands in reports
public record ReportSettings(
    Optional<EmailAddress> from, String organizationName, String hostname) {
  /// Reports of others are read all the same.
  public static ReportSettings off(String hostname) {
    return new ReportSettings(Optional.empty(), hostname, hostname);
  }
}
