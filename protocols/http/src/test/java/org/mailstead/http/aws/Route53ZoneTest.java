package org.mailstead.http.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.domains.ZoneEditor.RecordSet;

@DisplayName("DOM-3: Route 53")
final class Route53ZoneTest {
  private final List<Duration> pauses = new ArrayList<>();
  private FakeRoute53 fake;
  private AwsClient client;
  private Route53Zone zone;

  @BeforeEach
  void start() throws Exception {
    fake = new FakeRoute53("shop.example");
    client =
        new AwsClient(
            java.time.InstantSource.system(), new Random(1), pauses::add, AwsLimits.PROMPT);
    zone = zone("shop.example", FakeRoute53.CREDENTIALS);
  }

  private Route53Zone zone(String name, Credentials credentials) {
    return new Route53Zone(
        client,
        new Route53Settings(
            name, Optional.of(fake.endpoint()), credentials, Route53Settings.INSYNC_USUAL),
        java.time.InstantSource.system(),
        pauses::add);
  }

  @AfterEach
  void stop() {
    client.close();
    fake.close();
  }

  @Test
  void writesReadsAndWaitsUntilTheServersHaveIt() {
    fake.pendingPolls = 2;
    String text = "v=DKIM1; k=rsa; p=" + "A".repeat(392);
    zone.replace("k._domainkey.shop.example", Optional.empty(), set("TXT", text));
    assertThat(fake.sets.get("k._domainkey.shop.example. TXT"))
        .containsExactly(
            "\"v=DKIM1; k=rsa; p=" + "A".repeat(237) + "\" \"" + "A".repeat(155) + "\"");
    assertThat(pauses).hasSize(2);
    assertThat(zone.read("k._domainkey.shop.example"))
        .containsExactly(new RecordSet("TXT", 300, List.of(text)));
    zone.replace("shop.example", Optional.empty(), set("MX", "10 mx.host.example"));
    assertThat(fake.sets.get("shop.example. MX")).containsExactly("10 mx.host.example.");
    assertThat(zone.read("shop.example"))
        .containsExactly(new RecordSet("MX", 300, List.of("10 mx.host.example")));
    assertThat(zone.read("a.example")).isEmpty();
    // An alias of Route 53's own has no values.
    fake.sets.put("alias.shop.example. A", List.of());
    assertThat(zone.read("alias.shop.example"))
        .containsExactly(new RecordSet("A", 300, List.of("(alias of Route 53)")));
    assertThat(zone.read("autodiscover.shop.example")).isEmpty();
    assertThat(fake.log.getFirst()).isEqualTo("GET /2013-04-01/hostedzonesbyname");
  }

  @Test
  void textsWithQuotationMarksAndWildcardsComeBackAsTheyWere() {
    String odd = "a \"b\" \\ ü & <c>";
    zone.replace("*.shop.example", Optional.empty(), set("TXT", odd));
    assertThat(zone.read("*.shop.example").getFirst().values()).containsExactly(odd);
  }

  @Test
  void aSetIsReplacedOnlyIfItIsStillAsItWas() {
    fake.sets.put("shop.example. TXT", List.of("\"site=1\""));
    RecordSet before = new RecordSet("TXT", 300, List.of("site=1"));
    RecordSet after = new RecordSet("TXT", 300, List.of("site=1", "v=spf1 -all"));
    fake.sets.put("shop.example. TXT", List.of("\"site=2\""));
    assertThatThrownBy(() -> zone.replace("shop.example", Optional.of(before), after))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal()).isEqualTo(Refusal.WRONG_STATE);
              assertThat(e.publicText()).contains("InvalidChangeBatch", "do not match");
            });
    assertThatThrownBy(() -> zone.replace("shop.example", Optional.empty(), after))
        .hasMessageContaining("already exists");
    assertThat(fake.sets.get("shop.example. TXT")).containsExactly("\"site=2\"");
    fake.sets.put("shop.example. TXT", List.of("\"site=1\""));
    zone.replace("shop.example", Optional.of(before), after);
    assertThat(fake.sets.get("shop.example. TXT")).containsExactly("\"site=1\"", "\"v=spf1 -all\"");
  }

  @Test
  void aLostAnswerIsSettledByLooking() {
    fake.loseAnswer = true;
    zone.replace("_dmarc.shop.example", Optional.empty(), set("TXT", "v=DMARC1;p=reject"));
    assertThat(fake.sets).containsKey("_dmarc.shop.example. TXT");
    assertThat(fake.log.stream().filter(line -> line.startsWith("POST"))).hasSize(2);
  }

  @Test
  void errorsNameTheirCause() {
    assertThatThrownBy(() -> zone("other.example", FakeRoute53.CREDENTIALS).read("other.example"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no public hosted zone other.example");
    Credentials wrong = new Credentials("AKIAFAKER53", "not the secret");
    assertThatThrownBy(() -> zone("shop.example", wrong).read("shop.example"))
        .hasMessageContaining("SignatureDoesNotMatch")
        .hasMessageNotContaining("not the secret");
    fake.throttled = 3;
    assertThat(zone.read("shop.example")).isEmpty();
    fake.throttled = 100;
    assertThatThrownBy(() -> zone.read("shop.example"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("busy");
    assertThatThrownBy(() ->
            new Route53Settings(
                "not a zone", Optional.empty(), wrong, Route53Settings.INSYNC_USUAL))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RecordSet set(String type, String value) {
    return new RecordSet(type, 300, List.of(value));
  }
}
