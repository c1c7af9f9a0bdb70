package org.mailstead.core.directory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.mailstead.base.OrganizationId;

/// A DNS record that a domain needs (DOM-1; WorkMail guide, Adding a Domain).
///
/// @param hostname without a dot at the end
/// @param value in the form of a zone file, without quotes
/// @param ttlSeconds what we advise
public record MailDomainRecord(
    Purpose purpose, Type type, String hostname, String value, int ttlSeconds) {
  /// WorkMail guide: for MX and autodiscover, so that clients do not go on with old ones.
  public static final int TTL_SECONDS = 3600;

  /// What the record is for.
  public enum Purpose {
    OWNERSHIP,
    MX,
    AUTODISCOVER,
    DKIM,
    SPF,
    DMARC,
    /// That the domain has an MTA-STS policy, and which (RFC 8461 §3.1).
    MTA_STS,
    /// Where the policy is served.
    MTA_STS_HOST,
    /// Where reports on encryption go (RFC 8460 §3).
    TLS_REPORTS,
    /// That reports on another domain of ours may come to this one (RFC 9990 §4).
    DMARC_REPORTS
  }

  /// The type in the DNS.
  public enum Type {
    TXT,
    MX,
    CNAME
  }

  /// All records of a domain but those of its DKIM keys
  /// ([org.mailstead.core.signing.DkimKeys#records]). The values that name a domain to us are made
  /// from the organization's id and the domain's name: another organization that wants the same
  /// domain must publish others.
  ///
  /// @param host the name under which this installation is reached
  public static List<MailDomainRecord> of(OrganizationId organization, String domain, String host) {
    List<MailDomainRecord> records = new ArrayList<>();
    records.add(
        new MailDomainRecord(
            Purpose.OWNERSHIP,
            Type.TXT,
            "_amazonses." + domain,
            Base64.getEncoder().encodeToString(digest("ownership", organization, domain)),
            TTL_SECONDS));
    records.add(new MailDomainRecord(Purpose.MX, Type.MX, domain, "10 " + host, TTL_SECONDS));
    records.add(
        new MailDomainRecord(
            Purpose.AUTODISCOVER, Type.CNAME, "autodiscover." + domain, host, TTL_SECONDS));
    // RFC 7208 §5.3: the address of this installation may send, others only softly.
    records.add(
        new MailDomainRecord(
            Purpose.SPF, Type.TXT, domain, "v=spf1 a:" + host + " ~all", TTL_SECONDS));
    records.add(
        new MailDomainRecord(
            Purpose.DMARC,
            Type.TXT,
            "_dmarc." + domain,
            "v=DMARC1;p=quarantine;pct=100;fo=1",
            TTL_SECONDS));
    return List.copyOf(records);
  }

  private static byte[] digest(String purpose, OrganizationId organization, String domain) {
    try {
      String text = "mailstead " + purpose + "\0" + organization + "\0" + domain;
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }
}
