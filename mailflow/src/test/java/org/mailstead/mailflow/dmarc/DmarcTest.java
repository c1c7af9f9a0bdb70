package org.mailstead.mailflow.dmarc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.mailflow.spf.SpfEvaluator;
import org.mailstead.mailflow.spf.SpfQuery;
import org.mailstead.mailflow.spf.SpfResult;
import org.xbill.DNS.Rcode;

class DmarcTest {
  private final TestDns dns = new TestDns().txt("spf.example", "v=spf1 -all");
  private final DnsResolver resolver =
      new DnsResolver(
          DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)),
          InstantSource.system());
  private final DmarcEvaluator evaluator = new DmarcEvaluator(resolver);

  @AfterEach
  void close() {
    dns.close();
  }

  // ---- the walk (RFC 9989 §4.10)

  @Test
  void theWalkGoesUpAndTheShortestNameIsTheOrganization() {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
    assertThat(organization("a.mail.example.com")).isEqualTo("example.com");
    assertThat(organization("other.org")).isEqualTo("other.org");
  }

  @Test
  void publicSuffixesSayWhereTheOrganizationBegins() {
    dns.txt("_dmarc.bank", "v=DMARC1; p=reject; psd=y")
        .txt("_dmarc.branch.corp.example", "v=DMARC1; p=none; psd=n")
        .txt("_dmarc.example", "v=DMARC1; p=none");
    assertThat(organization("mail.giant.bank")).isEqualTo("giant.bank");
    assertThat(organization("bank")).isEqualTo("bank");
    // psd=n: an organization of its own below another one.
    assertThat(organization("x.branch.corp.example")).isEqualTo("branch.corp.example");
  }

  @Test
  void aLongNameIsAskedEightTimesAtTheMost() {
    dns.txt("_dmarc.g.h.i.j.k.example.com", "v=DMARC1; p=reject");
    String name = "a.".repeat(100) + "f.g.h.i.j.k.example.com";
    int before = dns.questionCount();
    new TreeWalk(resolver).walk(name, DnsBudget.ofMessage());
    assertThat(dns.questionCount() - before).isEqualTo(DmarcLimits.WALK_QUERIES_MAX);
    assertThat(organization(name)).isEqualTo("g.h.i.j.k.example.com");
  }

  // ---- the policy

  @Test
  void theRightTagOfTheRightRecordCounts() {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=none; sp=quarantine; np=reject; adkim=s")
        .address("real.example.com", "192.0.2.1");
    assertThat(fail("example.com").policy()).isEqualTo(DmarcPolicy.NONE);
    assertThat(fail("real.example.com").policy()).isEqualTo(DmarcPolicy.QUARANTINE);
    assertThat(fail("made-up.example.com").policy()).isEqualTo(DmarcPolicy.REJECT);
  }

  @Test
  void whoIsTestingGetsTheMilderPolicy() {
    dns.txt("_dmarc.one.com", "v=DMARC1; p=reject; t=y")
        .txt("_dmarc.two.com", "v=DMARC1; p=quarantine; t=y");
    assertThat(fail("one.com").policy()).isEqualTo(DmarcPolicy.QUARANTINE);
    assertThat(fail("two.com").policy()).isEqualTo(DmarcPolicy.NONE);
  }

  @Test
  void recordsThatAreNone() {
    dns.txt("_dmarc.two.com", "v=DMARC1; p=reject")
        .txt("_dmarc.two.com", "v=DMARC1; p=none")
        .txt("_dmarc.version.com", "v=DMARC2; p=reject")
        .txt("_dmarc.late.com", "p=reject; v=DMARC1")
        .txt("_dmarc.bad.com", "v=DMARC1; p=everything")
        .txt("_dmarc.twice.com", "v=DMARC1; p=reject; p=none")
        .txt("_dmarc.rua.com", "v=DMARC1; p=everything; rua=mailto:r@rua.com!10m,mailto:s@rua.com");
    for (String domain : List.of("two.com", "version.com", "late.com", "bad.com", "twice.com")) {
      assertThat(fail(domain).verdict()).as(domain).isEqualTo(DmarcVerdict.NONE);
    }
    // RFC 9989 §4.7: an unreadable policy whose owner wants reports is one of monitoring.
    DmarcResult monitored = fail("rua.com");
    assertThat(monitored.verdict()).isEqualTo(DmarcVerdict.FAIL);
    assertThat(monitored.policy()).isEqualTo(DmarcPolicy.NONE);
    assertThat(monitored.record().orElseThrow().reportsTo()).hasSize(2);
  }

  @Test
  void withoutAnswersThereIsNoVerdict() {
    dns.fail("_dmarc.down.com", Rcode.SERVFAIL);
    assertThat(fail("down.com").verdict()).isEqualTo(DmarcVerdict.TEMPERROR);
    assertThat(fail("down.com").policy()).isEqualTo(DmarcPolicy.NONE);
    dns.txt("_dmarc.unsure.com", "v=DMARC1; p=reject");
    DmarcResult unsure = evaluate(List.of("unsure.com"), dkim("unsure.com", DkimVerdict.TEMPERROR));
    assertThat(unsure.verdict()).isEqualTo(DmarcVerdict.TEMPERROR);
    assertThat(unsure.policy()).isEqualTo(DmarcPolicy.REJECT);
  }

  // ---- alignment (§4.4)

  @Test
  void relaxedAlignmentIsByOrganization() {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
    assertPass("example.com", "example.com");
    assertPass("example.com", "mail.example.com");
    assertPass("mail.example.com", "example.com");
    assertPass("a.example.com", "b.example.com");
    assertFail("example.com", "example.org");
    assertFail("example.com", "badexample.com");
    assertFail("example.com", "com");
  }

  @Test
  void strictAlignmentIsByName() {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s; aspf=s");
    assertPass("example.com", "example.com");
    assertFail("example.com", "mail.example.com");
    assertFail("mail.example.com", "example.com");
  }

  @Test
  void neighboursUnderAPublicSuffixAreNotAligned() {
    dns.txt("_dmarc.bank", "v=DMARC1; p=reject; psd=y");
    assertPass("giant.bank", "mail.giant.bank");
    assertFail("giant.bank", "dwarf.bank");
    assertFail("giant.bank", "bank");
  }

  @Test
  void spfPassCountsIfItsDomainIsAligned() throws Exception {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=reject")
        .txt("bounces.example.com", "v=spf1 ip4:192.0.2.1 -all")
        .txt("far.org", "v=spf1 +all");
    assertThat(
            evaluator
                .evaluate(
                    List.of("example.com"),
                    spf("bounces.example.com"),
                    List.of(),
                    DnsBudget.ofMessage())
                .verdict())
        .isEqualTo(DmarcVerdict.PASS);
    assertThat(
            evaluator
                .evaluate(List.of("example.com"), spf("far.org"), List.of(), DnsBudget.ofMessage())
                .verdict())
        .isEqualTo(DmarcVerdict.FAIL);
  }

  @Test
  void ofSeveralAuthorsTheWorstCounts() {
    dns.txt("_dmarc.example.com", "v=DMARC1; p=none")
        .txt("_dmarc.strict.com", "v=DMARC1; p=reject");
    DmarcResult result =
        evaluate(List.of("example.com", "strict.com"), dkim("example.com", DkimVerdict.PASS));
    assertThat(result.verdict()).isEqualTo(DmarcVerdict.FAIL);
    assertThat(result.policy()).isEqualTo(DmarcPolicy.REJECT);
    assertThat(evaluate(List.of(), dkim("x.com", DkimVerdict.PASS)).verdict())
        .isEqualTo(DmarcVerdict.PERMERROR);
    assertThat(
            evaluate(
                    List.of("a.com", "b.com", "c.com", "d.com", "e.com", "f.com"),
                    dkim("x.com", DkimVerdict.PASS))
                .verdict())
        .isEqualTo(DmarcVerdict.PERMERROR);
  }

  // ----

  private String organization(String domain) {
    return new TreeWalk(resolver).walk(domain, DnsBudget.ofMessage()).organizationalDomain();
  }

  private DmarcResult fail(String author) {
    return evaluate(List.of(author), dkim("unrelated.example", DkimVerdict.PASS));
  }

  private void assertPass(String author, String signer) {
    assertThat(evaluate(List.of(author), dkim(signer, DkimVerdict.PASS)).verdict())
        .as("%s by %s", author, signer)
        .isEqualTo(DmarcVerdict.PASS);
  }

  private void assertFail(String author, String signer) {
    assertThat(evaluate(List.of(author), dkim(signer, DkimVerdict.PASS)).verdict())
        .as("%s by %s", author, signer)
        .isEqualTo(DmarcVerdict.FAIL);
  }

  private DmarcResult evaluate(List<String> authors, DkimResult signature) {
    return evaluator.evaluate(
        authors, spf("spf.example"), List.of(signature), DnsBudget.ofMessage());
  }

  private SpfResult spf(String domain) {
    return new SpfEvaluator(resolver)
        .check(
            SpfQuery.ofMailFrom(
                InetAddress.ofLiteral("192.0.2.1"),
                "a",
                domain,
                "h.example",
                "r",
                InstantSource.system()),
            DnsBudget.ofMessage());
  }

  private static DkimResult dkim(String domain, DkimVerdict verdict) {
    return new DkimResult(verdict, domain, domain, "s", "rsa-sha256", "", "");
  }
}
