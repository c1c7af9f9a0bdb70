package org.mailstead.core.domains;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.directory.MailDomainRecord.Type;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.domains.RecordFinding.Outcome;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

class MailDomainChecksTest {
  private static final String SHOP = "shop.example";

  private final TestClock clock = new TestClock();
  private final CoreFixture core =
      new CoreFixture(DirectoryLimits.standard(), clock, new MemoryStore(clock), store -> store);
  private final Map<Purpose, Outcome> dns = new EnumMap<>(Purpose.class);
  private final AtomicInteger asked = new AtomicInteger();
  private final MailDomainChecks checks = checks(Optional.empty());

  private MailDomainChecks checks(Optional<String> dkimZone) {
    return new MailDomainChecks(
        core.directory(),
        new DkimKeys(core.directory(), core.keys(), clock),
        new DomainCheckSettings(
            Optional.of("mx.host.example"),
            dkimZone,
            (domain, wanted) -> {
              if (domain.equals(SHOP)) asked.incrementAndGet();
              return wanted.stream()
                  .map(record ->
                      new RecordFinding(
                          dns.get(record.purpose()),
                          Optional.of("found\n\u001b[31m"),
                          Optional.of("do this")))
                  .toList();
            },
            List.of()),
        clock);
  }

  @BeforeEach
  void register() {
    core.directory()
        .domains()
        .register(core.change("RegisterMailDomain"), core.organization(), SHOP, Optional.empty());
    all(Outcome.ABSENT);
  }

  @AfterEach
  void close() {
    core.close();
  }

  private void all(Outcome outcome) {
    for (Purpose purpose : Purpose.values()) dns.put(purpose, outcome);
  }

  private List<CheckedRecord> check() {
    return checks.check(Optional.empty(), core.organization(), SHOP);
  }

  private MailDomain domain() {
    return core.directory().domains().load(core.organization(), SHOP);
  }

  /// How often the job asked about the domain.
  private int runDue() {
    int before = asked.get();
    checks.runDue();
    return asked.get() - before;
  }

  private static Set<RecordStatus> statuses(List<CheckedRecord> records, boolean waiting) {
    Set<RecordStatus> found = new HashSet<>();
    for (CheckedRecord each : records) {
      Purpose purpose = each.record().purpose();
      if ((purpose == Purpose.OWNERSHIP || purpose == Purpose.DKIM) == waiting) {
        found.add(each.status());
      }
    }
    return found;
  }

  @Test
  @DisplayName("DOM-1: the records of a domain, with its DKIM keys or aliases for them")
  void wanted() {
    var records = checks.wanted(core.organization(), SHOP);
    assertThat(records)
        .extracting(record -> record.purpose())
        .containsExactly(
            Purpose.OWNERSHIP,
            Purpose.MX,
            Purpose.AUTODISCOVER,
            Purpose.DKIM,
            Purpose.DKIM,
            Purpose.DKIM,
            Purpose.DKIM,
            Purpose.SPF,
            Purpose.DMARC);
    assertThat(records.get(3).type()).isEqualTo(Type.TXT);
    assertThat(checks(Optional.of("keys.host.example")).wanted(core.organization(), SHOP).get(3))
        .matches(record -> record.type() == Type.CNAME)
        .matches(record -> record.value().endsWith(".shop.example.keys.host.example"));
  }

  @Test
  @DisplayName("DOM-2: the statuses are those of the guide's table")
  void statuses() {
    assertThat(statuses(checks.records(core.organization(), SHOP), true))
        .containsExactly(RecordStatus.PENDING);
    record Row(Outcome outcome, RecordStatus waiting, RecordStatus other) {}
    for (Row row :
        List.of(
            new Row(Outcome.ABSENT, RecordStatus.PENDING, RecordStatus.MISSING),
            new Row(Outcome.DIFFERENT, RecordStatus.FAILED, RecordStatus.INCONSISTENT),
            new Row(Outcome.UNREACHABLE, RecordStatus.FAILED, RecordStatus.MISSING),
            new Row(Outcome.MATCHED, RecordStatus.VERIFIED, RecordStatus.VERIFIED))) {
      all(row.outcome());
      List<CheckedRecord> found = check();
      assertThat(statuses(found, true)).containsExactly(row.waiting());
      assertThat(statuses(found, false)).containsExactly(row.other());
      assertThat(checks.records(core.organization(), SHOP)).isEqualTo(found);
    }
    assertThat(checks.records(core.organization(), SHOP).getFirst().found())
        .contains("found??[31m");
    clock.advance(Duration.ofHours(72));
    all(Outcome.ABSENT);
    assertThat(statuses(check(), true)).containsExactly(RecordStatus.FAILED);
  }

  @Test
  @DisplayName("DOM-2, DOM-4: mail is taken once ownership is found, and not before")
  void ownershipVerifies() {
    var address = org.mailstead.base.EmailAddress.parse("nobody@" + SHOP);
    all(Outcome.MATCHED);
    dns.put(Purpose.OWNERSHIP, Outcome.DIFFERENT);
    assertThat(MailDomainChecks.ownership(domain(), check())).isEqualTo(RecordStatus.FAILED);
    assertThat(domain().verified()).isFalse();
    assertThat(core.directory().recipients().resolve(address))
        .isInstanceOf(Recipients.Resolution.Foreign.class);
    all(Outcome.ABSENT);
    dns.put(Purpose.OWNERSHIP, Outcome.MATCHED);
    check();
    assertThat(domain().verified()).isTrue();
    assertThat(core.directory().recipients().resolve(address))
        .isInstanceOf(Recipients.Resolution.Unknown.class);
  }

  @Test
  @DisplayName("DOM-2: ownership lost does not unverify at once, nor while nobody answers")
  void ownershipLost() {
    all(Outcome.MATCHED);
    check();
    all(Outcome.UNREACHABLE);
    clock.advance(Duration.ofDays(30));
    assertThat(MailDomainChecks.ownership(domain(), check())).isEqualTo(RecordStatus.VERIFIED);
    all(Outcome.MATCHED);
    check();
    all(Outcome.ABSENT);
    clock.advance(MailDomainChecks.OWNERSHIP_KEPT.minusSeconds(1));
    assertThat(check().getFirst().status()).isEqualTo(RecordStatus.FAILED);
    assertThat(domain().verified()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    check();
    assertThat(domain().verified()).isFalse();
  }

  @Test
  @DisplayName("DOM-2: what was verified otherwise is not taken back by a check")
  void otherwiseVerified() {
    core.directory()
        .domains()
        .verified(core.change("VerifyMailDomain"), core.organization(), SHOP, true);
    clock.advance(Duration.ofDays(30));
    check();
    assertThat(domain().verified()).isTrue();
  }

  @Test
  @DisplayName("DOM-2: the job asks often at first, daily once all is in order")
  void due() {
    assertThat(runDue()).isEqualTo(1);
    assertThat(runDue()).isZero();
    clock.advance(Duration.ofMinutes(5));
    assertThat(runDue()).isEqualTo(1);
    clock.advance(Duration.ofDays(2));
    assertThat(runDue()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(5));
    assertThat(runDue()).isZero();
    clock.advance(Duration.ofHours(1));
    all(Outcome.MATCHED);
    assertThat(runDue()).isEqualTo(1);
    clock.advance(Duration.ofHours(23));
    assertThat(runDue()).isZero();
    clock.advance(Duration.ofHours(1));
    assertThat(runDue()).isEqualTo(1);
  }

  @Test
  @DisplayName("DOM-2: a domain that is removed and added again starts anew")
  void removed() {
    all(Outcome.MATCHED);
    check();
    core.directory()
        .domains()
        .deregister(core.change("DeregisterMailDomain"), core.organization(), SHOP);
    assertThat(runDue()).isZero();
    register();
    assertThat(domain().verified()).isFalse();
    assertThat(checks.records(core.organization(), SHOP))
        .allMatch(each -> each.checked().isEmpty());
  }
}
