package org.mailstead.core.policy;

import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// Settings of an organization's mail: whether senders' DMARC policies are enforced on what comes
/// in, whether spam goes to the junk folders, and where e-mail events are sent.
public final class MailSettings {
  private static final String INBOUND_DMARC = "inbound-dmarc";
  private static final String SPAM = "spam-filter";
  private static final String EMAIL_MONITORING = "email-monitoring";
  private static final int FORMAT = 1;

  private final OrganizationRecords records;

  /// Where e-mail events go.
  ///
  /// @param role as whom they are written; empty for the service's own
  public record EmailMonitoring(String logGroupArn, Optional<String> role) {}

  public MailSettings(Directory directory) {
    this.records = directory.records();
  }

  /// New organizations enforce (WorkMail guide, Enforcing DMARC policies).
  public boolean isInboundDmarcEnforced(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, INBOUND_DMARC)
        .map(value -> new ValueReader(value, FORMAT).flag())
        .orElse(true);
  }

  public void enforceInboundDmarc(Change change, OrganizationId organization, boolean enforced) {
    byte[] value = new ValueWriter(FORMAT).flag(enforced).value();
    records.change(
        change,
        organization,
        edit -> {
          edit.put(Kind.SETTING, INBOUND_DMARC, value);
          return true;
        });
  }

  /// Whether what the spam filter suspects goes to the junk folders; so it is for new
  /// organizations.
  public boolean isSpamFiltered(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, SPAM)
        .map(value -> new ValueReader(value, FORMAT).flag())
        .orElse(true);
  }

  public void filterSpam(Change change, OrganizationId organization, boolean filtered) {
    byte[] value = new ValueWriter(FORMAT).flag(filtered).value();
    records.change(
        change,
        organization,
        edit -> {
          edit.put(Kind.SETTING, SPAM, value);
          return true;
        });
  }

  public Optional<EmailMonitoring> findEmailMonitoring(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, EMAIL_MONITORING)
        .map(value -> {
          var in = new ValueReader(value, FORMAT);
          return new EmailMonitoring(in.text(), in.optionalText());
        });
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public EmailMonitoring loadEmailMonitoring(OrganizationId organization) {
    return findEmailMonitoring(organization)
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.RESOURCE_NOT_FOUND, "E-mail monitoring is not configured."));
  }

  public void putEmailMonitoring(
      Change change, OrganizationId organization, EmailMonitoring monitoring) {
    byte[] value =
        new ValueWriter(FORMAT)
            .text(monitoring.logGroupArn())
            .optionalText(monitoring.role())
            .value();
    records.change(
        change,
        organization,
        edit -> {
          edit.put(Kind.SETTING, EMAIL_MONITORING, value);
          return true;
        });
  }

  /// Harmless if there is none.
  public void deleteEmailMonitoring(Change change, OrganizationId organization) {
    records.change(change, organization, edit -> edit.delete(Kind.SETTING, EMAIL_MONITORING));
  }
}
