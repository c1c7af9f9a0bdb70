package org.mailstead.migration.cutover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.migration.cutover.DomainRecords.Needed;
import org.mailstead.migration.cutover.DomainRecords.Purpose;
import org.mailstead.migration.directory.TargetDirectory;
import org.mailstead.migration.directory.TargetDirectory.PublishedRecord;
import org.mailstead.migration.imap.Provider;
import org.mailstead.migration.plan.CutoverSettings;

/// Which records a target needs for a domain: what the settings say, then what the target's own API
/// says, then what is known of the provider.
///
/// @param mx hosts that take mail at the target; empty if nothing tells
/// @param records all others
/// @param ownership whether the target takes mail for the domain, if it can be asked
record DomainNeeds(List<String> mx, List<Needed> records, Optional<Boolean> ownership) {
  static DomainNeeds of(
      String domain,
      CutoverSettings settings,
      Provider provider,
      Optional<TargetDirectory> directory)
      throws IOException {
    Optional<TargetDirectory.MailDomain> known =
        directory.isPresent() ? directory.get().domain(domain) : Optional.empty();
    List<String> mx = new ArrayList<>();
    List<Needed> records = new ArrayList<>();
    if (known.isPresent()) {
      for (PublishedRecord each : known.get().records()) take(domain, each, mx, records);
    } else {
      usual(domain, provider, mx, records);
    }
    return new DomainNeeds(
        settings.mx().isEmpty()
            ? mx
            : settings.mx().stream().map(host -> host.toLowerCase(Locale.ROOT)).toList(),
        overridden(domain, settings, records),
        directory.isPresent()
            ? Optional.of(known.filter(TargetDirectory.MailDomain::isVerified).isPresent())
            : Optional.empty());
  }

  private static void take(
      String domain, PublishedRecord record, List<String> mx, List<Needed> records) {
    Optional<DomainRecords.Type> type =
        switch (record.type().toUpperCase(Locale.ROOT)) {
          case "TXT" -> Optional.of(DomainRecords.Type.TXT);
          case "MX" -> Optional.of(DomainRecords.Type.MX);
          case "CNAME" -> Optional.of(DomainRecords.Type.CNAME);
          default -> Optional.empty();
        };
    if (type.isEmpty()) return;
    String name = bare(record.name());
    if (type.get() == DomainRecords.Type.MX) {
      mx.add(bare(record.value().substring(record.value().indexOf(' ') + 1)));
      return;
    }
    String text = record.value().toLowerCase(Locale.ROOT);
    Optional<Purpose> purpose =
        name.startsWith("_dmarc.")
            ? Optional.of(Purpose.DMARC)
            : name.contains("._domainkey.")
                ? Optional.of(Purpose.DKIM)
                : name.startsWith("autodiscover.")
                    ? Optional.of(Purpose.AUTODISCOVER)
                    : name.equals(domain) && text.contains("v=spf1")
                        ? Optional.of(Purpose.SPF)
                        : Optional.empty();
    purpose.ifPresent(known ->
        records.add(
            new Needed(
                known,
                type.get(),
                name,
                type.get() == DomainRecords.Type.CNAME
                    ? bare(record.value())
                    : unquoted(record.value()))));
  }

  private static String bare(String name) {
    String lower = name.strip().toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static String unquoted(String text) {
    return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1)
        : text;
  }

  /// What Microsoft's and Google's administration pages ask for. Where keys lie differs by tenant:
  /// their presence is looked for.
  private static void usual(
      String domain, Provider provider, List<String> mx, List<Needed> records) {
    switch (provider) {
      case MICROSOFT365 -> {
        mx.add(domain.replace('.', '-') + ".mail.protection.outlook.com");
        records.add(spf(domain, "include:spf.protection.outlook.com"));
        records.add(key(domain, "selector1._domainkey"));
        records.add(key(domain, "selector2._domainkey"));
        records.add(autodiscover(domain, "autodiscover.outlook.com"));
      }
      case GMAIL -> {
        mx.add("smtp.google.com");
        mx.add("aspmx.l.google.com");
        for (int i = 1; i <= 4; i++) mx.add("alt" + i + ".aspmx.l.google.com");
        records.add(spf(domain, "include:_spf.google.com"));
        records.add(key(domain, "google._domainkey"));
      }
      case WORKMAIL, EXCHANGE, DOVECOT, CYRUS, GENERIC -> {}
    }
    records.add(new Needed(Purpose.DMARC, DomainRecords.Type.TXT, "_dmarc." + domain, ""));
  }

  private static List<Needed> overridden(
      String domain, CutoverSettings settings, List<Needed> found) {
    List<Needed> records = new ArrayList<>(found);
    if (settings.spf().isPresent()) {
      records.removeIf(each -> each.purpose() == Purpose.SPF);
      records.add(spf(domain, settings.spf().get()));
    }
    if (!settings.dkim().isEmpty()) {
      records.removeIf(each -> each.purpose() == Purpose.DKIM);
      for (String name : settings.dkim()) records.add(key(domain, name));
    }
    if (settings.autodiscover().isPresent()) {
      records.removeIf(each -> each.purpose() == Purpose.AUTODISCOVER);
      records.add(autodiscover(domain, settings.autodiscover().get()));
    }
    return List.copyOf(records);
  }

  private static Needed spf(String domain, String mechanism) {
    return new Needed(Purpose.SPF, DomainRecords.Type.TXT, domain, "v=spf1 " + mechanism + " ~all");
  }

  private static Needed key(String domain, String name) {
    return new Needed(Purpose.DKIM, DomainRecords.Type.TXT, name + "." + domain, "");
  }

  private static Needed autodiscover(String domain, String host) {
    return new Needed(
        Purpose.AUTODISCOVER,
        DomainRecords.Type.CNAME,
        "autodiscover." + domain,
        host.toLowerCase(Locale.ROOT));
  }
}
