package org.mailstead.mailflow.domains;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.core.domains.EditableZone;
import org.mailstead.core.domains.MailDomainChecks;
import org.mailstead.core.domains.RecordInsertion;
import org.mailstead.core.domains.RecordProposal;
import org.mailstead.core.domains.RecordProposal.Action;
import org.mailstead.core.domains.RecordStatus;
import org.mailstead.core.domains.ZoneEditor.RecordSet;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.mailflow.dns.DynamicZone;
import org.mailstead.mailflow.dns.TsigKey;
import org.mailstead.mailflow.dns.ZoneServers;

/// DOM-3 by dynamic updates, against BIND.
class DynamicZoneTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final TsigKey KEY = new TsigKey(Bind9.KEY_NAME, "hmac-sha256", Bind9.KEY);

  private final CoreFixture core = new CoreFixture();

  @AfterEach
  void close() {
    core.close();
  }

  private static DynamicZone zone(Bind9 bind) {
    return new DynamicZone("shop.example", bind.address(), KEY, PATIENCE);
  }

  @Test
  @DisplayName("DOM-3: sets are added and replaced, and only if they are still as they were")
  void setsAreComparedByTheServer() {
    try (Bind9 bind = Bind9.start(Map.of("shop.example", "@ 300 IN TXT \"site=1\"\n"))) {
      DynamicZone zone = zone(bind);
      String odd = "quote \" back \\ ü; " + "x".repeat(300);
      zone.replace("a.shop.example", Optional.empty(), new RecordSet("TXT", 60, List.of(odd)));
      assertThat(zone.read("a.shop.example"))
          .containsExactly(new RecordSet("TXT", 60, List.of(odd)));
      RecordSet before = zone.read("shop.example").getFirst();
      assertThat(before.values()).containsExactly("site=1");
      RecordSet after = new RecordSet("TXT", 300, List.of("site=1", "v=spf1 -all"));
      zone.replace("shop.example", Optional.of(before), after);
      assertThat(zone.read("shop.example").getFirst().values())
          .containsExactlyInAnyOrder("site=1", "v=spf1 -all");
      // What was read is not there any more.
      assertThatThrownBy(() -> zone.replace("shop.example", Optional.of(before), after))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.WRONG_STATE));
      assertThatThrownBy(() -> zone.replace("shop.example", Optional.empty(), after))
          .hasMessageContaining("changed meanwhile");
      // An alias stands alone.
      RecordSet alias = new RecordSet("CNAME", 60, List.of("mx.host.example"));
      assertThatThrownBy(() -> zone.replace("a.shop.example", Optional.empty(), alias))
          .hasMessageContaining("changed meanwhile");
      zone.replace("b.shop.example", Optional.empty(), alias);
      assertThat(zone.read("b.shop.example")).containsExactly(alias);
    }
  }

  @Test
  @DisplayName("DOM-3: wrong keys, wrong zones and silence are told apart, without the secret")
  void errorsNameTheirCause() {
    try (Bind9 bind = Bind9.start(Map.of("shop.example", ""))) {
      RecordSet set = new RecordSet("TXT", 60, List.of("a"));
      TsigKey wrong =
          new TsigKey(Bind9.KEY_NAME, "hmac-sha256", "d3JvbmctIHNlY3JldC0tLS0tLS0tLQ==");
      assertThatThrownBy(() ->
              new DynamicZone("shop.example", bind.address(), wrong, PATIENCE)
                  .replace("a.shop.example", Optional.empty(), set))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("NOTAUTH")
          .hasMessageNotContaining("d3Jv");
      assertThatThrownBy(() ->
              new DynamicZone("other.example", bind.address(), KEY, PATIENCE)
                  .replace("a.other.example", Optional.empty(), set))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("NOTAUTH");
      assertThatThrownBy(() -> zone(bind).read("a.other.example"))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() ->
              new DynamicZone(
                      "shop.example",
                      new InetSocketAddress("127.0.0.1", 1),
                      KEY,
                      Duration.ofMillis(300))
                  .read("shop.example"))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("does not answer");
    }
    assertThatThrownBy(() -> new TsigKey("k", "hmac-md5", Bind9.KEY))
        .hasMessageContaining("hmac-sha256");
    assertThatThrownBy(() -> new TsigKey("k", "hmac-sha256", "not base64!"))
        .hasMessageNotContaining("not base64!");
  }

  @Test
  @DisplayName("DOM-3: what is missing is written, what others wrote stays, new keys replace old")
  void recordsOfADomain() {
    core.directory()
        .domains()
        .register(core.change("Register"), core.organization(), "shop.example", Optional.empty());
    String zone =
        """
        @ 300 IN TXT "site=1"
        autodiscover IN CNAME old.example.
        """;
    try (Bind9 bind = Bind9.start(Map.of("shop.example", zone))) {
      var resolver = bind.resolver();
      var servers = new ZoneServers(resolver, bind.port(), Duration.ofSeconds(2));
      EditableZone editable = new EditableZone(zone(bind), Set.of(core.organization()));
      var settings =
          DomainCheckSettings.of(Optional.of("mx.host.example"))
              .with(new DomainInspector(resolver, servers))
              .with(List.of(editable));
      DkimKeys keys = new DkimKeys(core.directory(), core.keys(), core.clock());
      var checks = new MailDomainChecks(core.directory(), keys, settings, core.clock());
      var insertion = new RecordInsertion(core.directory(), checks, settings.zones());
      List<RecordProposal> before =
          insertion.propose(Optional.of(core.organization()), core.organization(), "shop.example");
      assertThat(of(before, Purpose.OWNERSHIP).action()).isEqualTo(Action.ADD);
      assertThat(of(before, Purpose.MX).action()).isEqualTo(Action.WAIT);
      assertThat(of(before, Purpose.AUTODISCOVER).action()).isEqualTo(Action.CONFLICT);
      assertThat(of(before, Purpose.AUTODISCOVER).found()).contains("old.example");
      // A look changes nothing.
      assertThat(editable.editor().read("_amazonses.shop.example")).isEmpty();

      List<RecordProposal> done = insert(insertion);
      assertThat(done)
          .filteredOn(each -> each.record().purpose() != Purpose.AUTODISCOVER)
          .allMatch(each -> each.action() == Action.ADD);
      assertThat(of(done, Purpose.AUTODISCOVER).action()).isEqualTo(Action.CONFLICT);
      assertThat(editable.editor().read("autodiscover.shop.example").getFirst().values())
          .containsExactly("old.example");
      assertThat(
              editable.editor().read("shop.example").stream()
                  .filter(set -> set.type().equals("TXT"))
                  .findFirst()
                  .orElseThrow()
                  .values())
          .containsExactlyInAnyOrder("site=1", "v=spf1 a:mx.host.example ~all");
      // The ownership record verified the domain, so mail may come.
      assertThat(core.directory().domains().load(core.organization(), "shop.example").verified())
          .isTrue();
      assertThat(checks.check(Optional.empty(), core.organization(), "shop.example"))
          .filteredOn(each -> each.record().purpose() != Purpose.AUTODISCOVER)
          .allMatch(each -> each.status() == RecordStatus.VERIFIED);
      assertThat(insert(insertion))
          .filteredOn(each -> each.record().purpose() != Purpose.AUTODISCOVER)
          .allMatch(each -> each.action() == Action.NONE);

      // A rotation, and new keys for the pair that does not sign.
      checks.rotateKeys(core.change("Rotate"), core.organization(), "shop.example", false);
      core.clock().advance(DkimKeys.RETIRED_KEPT.plusSeconds(1));
      keys.renew(core.change("Renew"), core.organization(), "shop.example");
      assertThatThrownBy(() ->
              checks.rotateKeys(core.change("Rotate"), core.organization(), "shop.example", false))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("_domainkey.shop.example");
      assertThat(insert(insertion))
          .filteredOn(each -> each.record().purpose() == Purpose.DKIM)
          .extracting(RecordProposal::action)
          .containsExactly(Action.REPLACE, Action.REPLACE, Action.NONE, Action.NONE);
      checks.rotateKeys(core.change("Rotate"), core.organization(), "shop.example", false);

      // A record that somebody changed since is not ours any more.
      editable
          .editor()
          .replace(
              "_dmarc.shop.example",
              editable.editor().read("_dmarc.shop.example").stream().findFirst(),
              new RecordSet("TXT", 60, List.of("v=DMARC1; p=none")));
      RecordProposal changed = of(insert(insertion), Purpose.DMARC);
      assertThat(changed.action()).isEqualTo(Action.CONFLICT);
      assertThat(changed.found()).contains("v=DMARC1; p=none");
      assertThat(changed.hint().orElseThrow()).contains("did not write", "p=quarantine");
    }
  }

  @Test
  @DisplayName("DOM-3: an organization writes only into zones that are open to it")
  void zonesAreBounded() {
    core.directory()
        .domains()
        .register(core.change("Register"), core.organization(), "shop.example", Optional.empty());
    EditableZone closed =
        new EditableZone(
            new DynamicZone("shop.example", new InetSocketAddress("127.0.0.1", 1), KEY, PATIENCE),
            Set.of());
    var settings = DomainCheckSettings.of(Optional.of("mx.host.example")).with(List.of(closed));
    var checks =
        new MailDomainChecks(
            core.directory(),
            new DkimKeys(core.directory(), core.keys(), core.clock()),
            settings,
            core.clock());
    var insertion = new RecordInsertion(core.directory(), checks, settings.zones());
    assertThat(insertion.zones(Optional.of(core.organization()))).isEmpty();
    assertThat(insertion.zones(Optional.empty())).hasSize(1);
    assertThatThrownBy(() -> insert(insertion))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_SUPPORTED));
    // The operator may; nobody answers there, and each record says so.
    assertThat(insertion.propose(Optional.empty(), core.organization(), "shop.example"))
        .allMatch(each -> each.action() == Action.FAILED && each.hint().isPresent());
  }

  private List<RecordProposal> insert(RecordInsertion insertion) {
    return insertion.insert(
        core.change("Insert"),
        Optional.of(core.organization()),
        core.organization(),
        "shop.example");
  }

  private static RecordProposal of(List<RecordProposal> all, Purpose purpose) {
    return all.stream()
        .filter(each -> each.record().purpose() == purpose)
        .findFirst()
        .orElseThrow();
  }
}
