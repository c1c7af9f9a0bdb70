package org.mailstead.server.command.migrate;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.domains.RecordFinding;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.mailflow.dns.ZoneServers;
import org.mailstead.mailflow.domains.DomainInspector;
import org.mailstead.migration.cutover.DomainRecords;

/// A cut-over's view of the DNS: the checks of our own domains (DOM-2) for anybody's.
final class CutoverDns implements DomainRecords {
  private static final Duration DURATION_MAX = Duration.ofSeconds(25);
  private static final int QUESTIONS_MAX = 50;

  private final DnsResolver resolver;
  private final ZoneServers servers;

  /// @param asked instead of the system's resolver
  /// @param port of zones' own servers, 53 outside of tests
  CutoverDns(Optional<InetSocketAddress> asked, int port, InstantSource clock) {
    DnsSettings usual = DnsSettings.standard();
    DnsSettings settings =
        asked.map(address -> usual.withResolver(address, usual.timeout())).orElse(usual);
    this.resolver = new DnsResolver(settings, clock);
    this.servers = new ZoneServers(resolver, port, settings.timeout());
  }

  @Override
  public Exchangers exchangers(String domain) {
    DnsBudget budget = DnsBudget.of(DURATION_MAX, QUESTIONS_MAX);
    return switch (servers.locate(domain, budget)) {
      case ZoneServers.Located.NoZone() ->
          fault("the DNS knows no name servers for it. Is it spelled right and delegated?");
      case ZoneServers.Located.Failed(String reason) -> fault(reason);
      case ZoneServers.Located.Found(ZoneServers.Zone zone) ->
          switch (servers.ask(zone, domain, ZoneServers.Kind.MX, budget)) {
            case DnsAnswer.Found<String>(List<String> values, var _) ->
                new Exchangers(
                    hosts(values),
                    servers.life(zone, domain, ZoneServers.Kind.MX, budget).orElse(0),
                    Optional.empty());
            case DnsAnswer.NoData<String> _, DnsAnswer.NoName<String> _ ->
                new Exchangers(List.of(), 0, Optional.empty());
            case DnsAnswer.Failed<String>(var _, String reason) ->
                fault("the name servers of " + zone.name() + ": " + reason);
          };
    };
  }

  private static Exchangers fault(String reason) {
    return new Exchangers(List.of(), 0, Optional.of(reason));
  }

  /// From `10 host`.
  private static List<String> hosts(List<String> values) {
    return values.stream()
        .sorted(
            Comparator.comparingInt(
                value -> Integer.parseInt(value.substring(0, value.indexOf(' ')))))
        .map(value -> value.substring(value.indexOf(' ') + 1).toLowerCase(Locale.ROOT))
        .toList();
  }

  @Override
  public List<Answer> look(String domain, List<Needed> needed) {
    List<MailDomainRecord> known = new ArrayList<>();
    for (Needed each : needed) if (!isPresenceEnough(each)) known.add(record(each));
    List<RecordFinding> found = new DomainInspector(resolver, servers).inspect(domain, known);
    List<Answer> answers = new ArrayList<>();
    int next = 0;
    for (Needed each : needed) {
      answers.add(isPresenceEnough(each) ? key(domain, each.name()) : answer(found.get(next++)));
    }
    return answers;
  }

  /// A key whose value only the target knows.
  private static boolean isPresenceEnough(Needed needed) {
    return needed.purpose() == Purpose.DKIM && needed.value().isEmpty();
  }

  private static MailDomainRecord record(Needed needed) {
    String value = needed.value();
    return new MailDomainRecord(
        switch (needed.purpose()) {
          case MX -> MailDomainRecord.Purpose.MX;
          case AUTODISCOVER -> MailDomainRecord.Purpose.AUTODISCOVER;
          case SPF -> MailDomainRecord.Purpose.SPF;
          case DKIM -> MailDomainRecord.Purpose.DKIM;
          case DMARC -> MailDomainRecord.Purpose.DMARC;
        },
        switch (needed.type()) {
          case TXT -> MailDomainRecord.Type.TXT;
          case MX -> MailDomainRecord.Type.MX;
          case CNAME -> MailDomainRecord.Type.CNAME;
        },
        needed.name(),
        value.isEmpty() ? "v=DMARC1;p=quarantine" : value,
        MailDomainRecord.TTL_SECONDS);
  }

  private static Answer answer(RecordFinding finding) {
    return new Answer(
        switch (finding.outcome()) {
          case MATCHED -> Outcome.MATCHED;
          case ABSENT -> Outcome.ABSENT;
          case DIFFERENT -> Outcome.DIFFERENT;
          case UNREACHABLE -> Outcome.UNREACHABLE;
        },
        finding.found().orElse(""),
        finding.hint().orElse(""));
  }

  /// RFC 6376 §3.6.1: a record with a key; `p=` without one is a key that was withdrawn.
  private Answer key(String domain, String name) {
    DnsBudget budget = DnsBudget.of(DURATION_MAX, QUESTIONS_MAX);
    if (!(servers.locate(domain, budget)
        instanceof ZoneServers.Located.Found(ZoneServers.Zone zone))) {
      return new Answer(Outcome.UNREACHABLE, "", "The domain's name servers were not found.");
    }
    return switch (servers.ask(zone, name, ZoneServers.Kind.TXT, budget)) {
      case DnsAnswer.Found<String>(List<String> values, var _) ->
          values.stream()
                  .anyMatch(value -> value.matches("(?is).*(^|;)\\s*p\\s*=\\s*[A-Za-z0-9+/].*"))
              ? new Answer(Outcome.MATCHED, values.getFirst(), "")
              : new Answer(Outcome.DIFFERENT, values.getFirst(), "It holds no key.");
      case DnsAnswer.NoData<String> _, DnsAnswer.NoName<String> _ ->
          new Answer(
              Outcome.ABSENT,
              "",
              "Publish the record that the target's administration page shows.");
      case DnsAnswer.Failed<String>(var _, String reason) ->
          new Answer(Outcome.UNREACHABLE, "", reason);
    };
  }
}
