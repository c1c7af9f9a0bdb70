package org.mailstead.mailflow.domains;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.domains.RecordFinding;
import org.mailstead.core.domains.RecordInspection;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.PeerText;
import org.mailstead.mailflow.dns.ZoneServers;
import org.mailstead.mailflow.dns.ZoneServers.Kind;
import org.mailstead.mailflow.dns.ZoneServers.Located;
import org.mailstead.mailflow.dns.ZoneServers.Zone;

/// Looks for the records of a domain at its own name servers (DOM-2) and names the two slips that
/// WorkMail's guide knows (Common domain verification problems): a provider that appended the
/// domain to a name that had it already, and one that allows no underscores.
public final class DomainInspector implements RecordInspection {
  /// All questions of one domain together.
  public static final Duration DURATION_MAX = Duration.ofSeconds(25);

  public static final int QUESTIONS_MAX = 150;

  private final DnsResolver resolver;
  private final ZoneServers servers;

  public DomainInspector(DnsResolver resolver, ZoneServers servers) {
    this.resolver = resolver;
    this.servers = servers;
  }

  @Override
  public List<RecordFinding> inspect(String domain, List<MailDomainRecord> wanted) {
    if (wanted.isEmpty()) return List.of();
    DnsBudget budget = DnsBudget.of(DURATION_MAX, QUESTIONS_MAX);
    return switch (servers.locate(domain, budget)) {
      case Located.Found(Zone zone) ->
          wanted.stream().map(record -> inspect(domain, record, zone, budget)).toList();
      case Located.NoZone() ->
          all(
              wanted,
              RecordFinding.absent(
                  "The DNS knows no name servers for "
                      + domain
                      + ". Is it spelled right, registered and delegated?"));
      case Located.Failed(String reason) -> all(wanted, RecordFinding.unreachable(reason));
    };
  }

  private static List<RecordFinding> all(List<MailDomainRecord> wanted, RecordFinding finding) {
    List<RecordFinding> findings = new ArrayList<>();
    for (var _ : wanted) findings.add(finding);
    return findings;
  }

  private RecordFinding inspect(
      String domain, MailDomainRecord wanted, Zone zone, DnsBudget budget) {
    RecordFinding finding = at(wanted.hostname(), wanted, zone, budget);
    if (finding.outcome() == RecordFinding.Outcome.MATCHED) return finding;
    if (wanted.purpose() == Purpose.OWNERSHIP) {
      // WorkMail guide: "You can omit _amazonses from the TXT record name."
      RecordFinding bare = at(domain, wanted, zone, budget);
      if (bare.outcome() == RecordFinding.Outcome.MATCHED) return bare;
    }
    if (finding.outcome() == RecordFinding.Outcome.UNREACHABLE) return finding;
    String doubled = wanted.hostname() + "." + domain;
    if (at(doubled, wanted, zone, budget).outcome() == RecordFinding.Outcome.MATCHED) {
      return finding.withHint(
          "The provider appended the domain: the record is at "
              + doubled
              + ". Enter the name without the domain, or with a dot at its end.");
    }
    if (wanted.purpose() == Purpose.AUTODISCOVER
        && finding.outcome() == RecordFinding.Outcome.ABSENT) {
      return addresses(wanted, finding, budget);
    }
    return finding;
  }

  private RecordFinding at(String name, MailDomainRecord wanted, Zone zone, DnsBudget budget) {
    Kind kind =
        switch (wanted.type()) {
          case TXT -> Kind.TXT;
          case MX -> Kind.MX;
          case CNAME -> Kind.CNAME;
        };
    return switch (servers.ask(zone, name, kind, budget)) {
      case DnsAnswer.Found<String>(List<String> values, var _) ->
          RecordMatch.compare(wanted, values);
      case DnsAnswer.NoData<String> _ ->
          RecordFinding.absent("The name has no " + wanted.type() + " record.");
      case DnsAnswer.NoName<String> _ -> RecordFinding.absent("The name does not exist.");
      case DnsAnswer.Failed<String>(var _, String reason) ->
          RecordFinding.unreachable("The name servers of " + zone.name() + ": " + reason + ".");
    };
  }

  /// A web server's address where the alias should be.
  private RecordFinding addresses(MailDomainRecord wanted, RecordFinding absent, DnsBudget budget) {
    List<InetAddress> found =
        new ArrayList<>(resolver.a(wanted.hostname(), false, budget).values());
    found.addAll(resolver.aaaa(wanted.hostname(), false, budget).values());
    if (found.isEmpty()) return absent;
    return RecordFinding.different(
        String.join(" ", found.stream().limit(20).map(PeerText::of).sorted().toList()),
        "There are addresses instead of an alias. Replace them by the alias.");
  }
}
