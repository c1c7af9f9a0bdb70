package org.mailstead.core.policy;

import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// Whether and where an organization's mail is journaled (JRN-1). A change holds for the next
/// message.
public final class JournalingRules {
  private static final String ID = "journaling";
  private static final int FORMAT = 1;

  private final OrganizationRecords records;

  /// @param journalingAddress where journal reports go
  /// @param reportAddress where failures to deliver them are reported
  public record Rules(
      boolean enabled,
      Optional<EmailAddress> journalingAddress,
      Optional<EmailAddress> reportAddress) {
    static final Rules OFF = new Rules(false, Optional.empty(), Optional.empty());
  }

  public JournalingRules(Directory directory) {
    this.records = directory.records();
  }

  /// Off, without addresses, if they were never set.
  public Rules load(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, ID)
        .map(JournalingRules::read)
        .orElse(Rules.OFF);
  }

  /// Turns journaling on or off. Addresses that are not given stay.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER: on without both addresses, or both are
  ///   the same
  public void put(Change change, OrganizationId organization, Rules wanted) {
    records.change(
        change,
        organization,
        edit -> {
          Rules before = edit.find(Kind.SETTING, ID).map(JournalingRules::read).orElse(Rules.OFF);
          Rules after =
              new Rules(
                  wanted.enabled(),
                  wanted.journalingAddress().or(before::journalingAddress),
                  wanted.reportAddress().or(before::reportAddress));
          check(after);
          edit.put(Kind.SETTING, ID, write(after));
          return true;
        });
  }

  private static void check(Rules rules) {
    if (!rules.enabled()) return;
    if (rules.journalingAddress().isEmpty() || rules.reportAddress().isEmpty()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.INVALID_PARAMETER,
          "Journaling needs JournalingAddress and ReportAddress to be turned on.");
    }
    if (rules.journalingAddress().equals(rules.reportAddress())) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.INVALID_PARAMETER,
          "ReportAddress must differ from JournalingAddress: it hears of what fails there.");
    }
  }

  private static byte[] write(Rules rules) {
    return new ValueWriter(FORMAT)
        .flag(rules.enabled())
        .optionalText(rules.journalingAddress().map(EmailAddress::toString))
        .optionalText(rules.reportAddress().map(EmailAddress::toString))
        .value();
  }

  private static Rules read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    return new Rules(
        in.flag(),
        in.optionalText().map(EmailAddress::parse),
        in.optionalText().map(EmailAddress::parse));
  }
}
