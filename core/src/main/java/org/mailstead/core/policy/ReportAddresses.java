package org.mailstead.core.policy;

import java.util.Optional;
import java.util.regex.Pattern;
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

/// The address at which an organization gets other servers' DMARC and TLS reports. It stands in the
/// records of its domains, and what comes to it is read into figures besides being delivered.
public final class ReportAddresses {
  private static final String REPORT_ADDRESS = "report-address";
  private static final int FORMAT = 1;
  private static final Pattern SIMPLE = Pattern.compile("[A-Za-z0-9._+-]+");

  private final Directory directory;
  private final OrganizationRecords records;

  public ReportAddresses(Directory directory) {
    this.directory = directory;
    this.records = directory.records();
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public Optional<EmailAddress> find(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, REPORT_ADDRESS)
        .map(value -> EmailAddress.parse(new ValueReader(value, FORMAT).text()));
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public EmailAddress load(OrganizationId organization) {
    return find(organization)
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.RESOURCE_NOT_FOUND, "There is no address for reports."));
  }

  /// @throws DirectoryRefusedException INVALID_PARAMETER, MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE:
  ///   the domain of the address is not one of the organization's that is verified
  public void put(Change change, OrganizationId organization, EmailAddress address) {
    if (!SIMPLE.matcher(address.local()).matches()) {
      // RFC 3986 §2.1: other characters would need escapes in the records, which many misread.
      throw new DirectoryRefusedException(
          DirectoryRefusal.INVALID_PARAMETER,
          "The address for reports has letters, digits and . _ + - before the @ only.");
    }
    boolean verified = directory.domains().load(organization, address.domain()).verified();
    if (!verified) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.MAIL_DOMAIN_STATE,
          "The domain " + address.domain() + " is not verified.");
    }
    byte[] value = new ValueWriter(FORMAT).text(address.toString()).value();
    records.change(
        change,
        organization,
        edit -> {
          edit.put(Kind.SETTING, REPORT_ADDRESS, value);
          return true;
        });
  }

  /// Harmless if there is none.
  public void delete(Change change, OrganizationId organization) {
    records.change(change, organization, edit -> edit.delete(Kind.SETTING, REPORT_ADDRESS));
  }
}
