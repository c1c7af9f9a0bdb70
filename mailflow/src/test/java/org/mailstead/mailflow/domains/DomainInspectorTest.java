package org.mailstead.mailflow.domains;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.directory.MailDomainRecord.Type;
import org.mailstead.core.domains.RecordFinding;
import org.mailstead.core.domains.RecordFinding.Outcome;
import org.mailstead.mailflow.dns.ZoneServers;

/// DOM-2 against BIND.
class DomainInspectorTest {
  private static final String HOST = "mx.host.example";
  private static final String SELECTOR = "mailstead-rsa1._domainkey.shop.example";
  private static final String KEY = "v=DKIM1; k=rsa; p=" + "A".repeat(392);
  private final List<MailDomainRecord> wanted = wanted();
  private final String token = wanted.getFirst().value();

  private static List<MailDomainRecord> wanted() {
    List<MailDomainRecord> all =
        new ArrayList<>(
            MailDomainRecord.of(
                new OrganizationId("m-00000000000000000000000000000001"), "shop.example", HOST));
    all.add(new MailDomainRecord(Purpose.DKIM, Type.TXT, SELECTOR, KEY, 3600));
    all.add(
        new MailDomainRecord(
            Purpose.DKIM, Type.CNAME, "ed1._domainkey.shop.example", "ed1.dkim.host.example", 1));
    return all;
  }

  private List<RecordFinding> inspect(String zone) {
    try (Bind9 bind = Bind9.start(Map.of("shop.example", zone))) {
      return inspect(bind, "shop.example");
    }
  }

  private List<RecordFinding> inspect(Bind9 bind, String domain) {
    var resolver = bind.resolver();
    var servers = new ZoneServers(resolver, bind.port(), Duration.ofSeconds(2));
    return new DomainInspector(resolver, servers).inspect(domain, wanted);
  }

  private RecordFinding of(List<RecordFinding> findings, Purpose purpose) {
    for (int i = 0; i < findings.size(); i++) {
      if (wanted.get(i).purpose() == purpose) return findings.get(i);
    }
    throw new AssertionError("no " + purpose);
  }

  @Test
  @DisplayName("DOM-2: a zone with every record is verified, as it is or with more in it")
  void everythingIsThere() {
    List<RecordFinding> findings =
        inspect(
            """
            _amazonses IN TXT "another region's value"
            _amazonses IN TXT "%s"
            @ IN MX 10 MX.Host.Example.
            @ IN MX 20 backup.example.
            autodiscover IN CNAME mx.host.example.
            @ IN TXT "site-verification=1"
            @ IN TXT "v=spf1 include:_spf.other.example +a:mx.host.example -all"
            _dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:d@shop.example"
            mailstead-rsa1._domainkey IN TXT "v=DKIM1; k=rsa; p=%s" "%s"
            ed1._domainkey IN CNAME ed1.dkim.host.example.
            """
                .formatted(token, "A".repeat(200), "A".repeat(192)));
    assertThat(findings).allMatch(each -> each.outcome() == Outcome.MATCHED);
    assertThat(of(findings, Purpose.OWNERSHIP).found()).contains(token);
    assertThat(of(findings, Purpose.MX).found()).contains("10 mx.host.example | 20 backup.example");
    assertThat(of(findings, Purpose.MX).hint().orElseThrow()).contains("Another server");
  }

  @Test
  @DisplayName("DOM-2: nothing there is absent, each by itself")
  void nothingIsThere() {
    List<RecordFinding> findings = inspect("");
    assertThat(findings).hasSize(wanted.size());
    assertThat(findings).allMatch(each -> each.outcome() == Outcome.ABSENT);
    assertThat(findings).allMatch(each -> each.found().isEmpty() && each.hint().isPresent());
  }

  @Test
  @DisplayName("DOM-2: other values are different, shown, with what to do")
  void otherValues() {
    List<RecordFinding> findings =
        inspect(
            """
            _amazonses IN TXT "not this"
            @ IN MX 1 old.example.
            @ IN MX 10 mx.host.example.
            autodiscover IN A 192.0.2.7
            @ IN TXT "v=spf1 include:_spf.other.example ~all"
            _dmarc IN TXT "v=DMARC1; p=none"
            mailstead-rsa1._domainkey IN TXT "v=DKIM1; k=rsa; p=BBBB"
            ed1._domainkey IN CNAME ed1.dkim.host.example
            """);
    assertThat(findings).allMatch(each -> each.outcome() == Outcome.DIFFERENT);
    assertThat(of(findings, Purpose.OWNERSHIP).found()).contains("not this");
    assertThat(of(findings, Purpose.MX).hint().orElseThrow()).contains("larger number than 10");
    assertThat(of(findings, Purpose.AUTODISCOVER).found()).contains("192.0.2.7");
    assertThat(of(findings, Purpose.SPF).hint().orElseThrow())
        .endsWith("v=spf1 a:mx.host.example include:_spf.other.example ~all");
    assertThat(of(findings, Purpose.DMARC).hint().orElseThrow()).contains("p=quarantine");
    // The value without its dot at the end.
    assertThat(findings.getLast().found()).contains("ed1.dkim.host.example.shop.example");
    assertThat(findings.getLast().hint().orElseThrow())
        .contains("appended the domain to the value", "ed1.dkim.host.example.");
  }

  @Test
  @DisplayName("DOM-2: ownership is accepted without the label")
  void ownershipWithoutLabel() {
    RecordFinding finding =
        of(inspect("@ IN TXT \"a\"\n@ IN TXT \"" + token + "\"\n"), Purpose.OWNERSHIP);
    assertThat(finding.outcome()).isEqualTo(Outcome.MATCHED);
    assertThat(finding.found()).contains(token);
  }

  @Test
  @DisplayName("DOM-2: a record that the provider doubled is recognized and named, not accepted")
  void doubled() {
    List<RecordFinding> findings =
        inspect(
            """
            _amazonses.shop.example IN TXT "%s"
            shop.example IN MX 10 mx.host.example.
            _dmarc.shop.example IN TXT "v=DMARC1; p=reject"
            """
                .formatted(token));
    for (Purpose purpose : List.of(Purpose.OWNERSHIP, Purpose.MX, Purpose.DMARC)) {
      assertThat(of(findings, purpose).outcome()).isEqualTo(Outcome.ABSENT);
      assertThat(of(findings, purpose).hint().orElseThrow())
          .contains("shop.example.shop.example", "dot at its end");
    }
    assertThat(of(findings, Purpose.OWNERSHIP).hint().orElseThrow())
        .contains("_amazonses.shop.example.shop.example");
  }

  @Test
  @DisplayName("DOM-2: two SPF records, or ours after all, do not allow us to send")
  void brokenSpf() {
    RecordFinding two =
        of(
            inspect("@ IN TXT \"v=spf1 a:mx.host.example ~all\"\n@ IN TXT \"v=spf1 -all\"\n"),
            Purpose.SPF);
    assertThat(two.outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(two.hint().orElseThrow()).contains("one SPF record only");
    RecordFinding late = of(inspect("@ IN TXT \"v=spf1 ~all a:mx.host.example\"\n"), Purpose.SPF);
    assertThat(late.outcome()).isEqualTo(Outcome.DIFFERENT);
    RecordFinding other = of(inspect("@ IN TXT \"v=spf10 a:mx.host.example\"\n"), Purpose.SPF);
    assertThat(other.outcome()).isEqualTo(Outcome.ABSENT);
  }

  @Test
  @DisplayName("DOM-2: servers that do not answer are unreachable; no servers, no domain")
  void unreachable() {
    try (Bind9 bind = Bind9.start(Map.of("shop.example", "", "other.example", ""))) {
      var resolver = bind.resolver();
      // Nobody listens where the domain's own servers should be.
      var servers = new ZoneServers(resolver, 1, Duration.ofMillis(300));
      assertThat(new DomainInspector(resolver, servers).inspect("shop.example", wanted))
          .allMatch(each -> each.outcome() == Outcome.UNREACHABLE);
      // BIND refuses what is not its own, as a resolver in trouble does.
      assertThat(inspect(bind, "shop.test"))
          .allMatch(each -> each.outcome() == Outcome.UNREACHABLE);
    }
    try (var dns = new org.mailstead.mailflow.TestDns()) {
      var resolver =
          new org.mailstead.mailflow.dns.DnsResolver(
              org.mailstead.mailflow.dns.DnsSettings.standard()
                  .withResolver(dns.address(), Duration.ofSeconds(1)),
              java.time.InstantSource.system());
      var servers = new ZoneServers(resolver, dns.address().getPort(), Duration.ofMillis(300));
      assertThat(new DomainInspector(resolver, servers).inspect("shop.example", wanted))
          .allMatch(each ->
              each.outcome() == Outcome.ABSENT && each.hint().orElseThrow().contains("delegated"));
    }
  }
}
