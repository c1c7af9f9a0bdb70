package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.signing.DkimKey;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.core.signing.PublishedRecord;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dkim.DkimVerifier;
import org.mailstead.mailflow.dkim.KeyLookup;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.smtp.server.Verdict;

class OutboundSigningTest {
  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;
  private final DkimKeys keys = new DkimKeys(core.directory(), core.keys(), flow.clock);

  @AfterEach
  void close() {
    flow.close();
  }

  @Test
  void whatLeavesIsSignedByBothPublishedKeys() {
    publish();
    send("anna@example.test");
    List<DkimResult> results = verify(flow.sink.messages().getFirst().text());
    assertThat(results)
        .hasSize(2)
        .allSatisfy(result -> {
          assertThat(result.verdict()).as(result.reason()).isEqualTo(DkimVerdict.PASS);
          assertThat(result.domain()).isEqualTo("example.test");
        });
    assertThat(results)
        .extracting(DkimResult::algorithm)
        .containsExactly("rsa-sha256", "ed25519-sha256");
  }

  @Test
  void afterARotationTheOtherPairSigns() {
    publish();
    keys.rotate(core.change("RotateDkim"), core.organization(), CoreFixture.DOMAIN);
    send("anna@example.test");
    List<DkimResult> results = verify(flow.sink.messages().getFirst().text());
    assertThat(results)
        .extracting(DkimResult::selector)
        .containsExactly("mailstead-rsa2", "mailstead-ed2");
    assertThat(results).extracting(DkimResult::verdict).containsOnly(DkimVerdict.PASS);
  }

  @Test
  void keysThatNobodyCanVerifyDoNotSign() {
    send("anna@example.test");
    assertThat(flow.sink.messages().getFirst().text()).doesNotContain("DKIM-Signature");
    DkimKey rsa = keys.keys(core.organization(), CoreFixture.DOMAIN).getFirst();
    flow.dns.txt(rsa.selector() + "._domainkey.example.test", "v=DKIM1; p=older");
    send("anna@example.test");
    assertThat(flow.sink.messages().get(1).text()).doesNotContain("DKIM-Signature");
  }

  private void publish() {
    for (PublishedRecord record :
        keys.records(core.organization(), CoreFixture.DOMAIN, Optional.empty())) {
      flow.dns.txt(record.name(), record.value());
    }
  }

  private void send(String from) {
    try (var sending = flow.submission(core.anna(), from).to("somebody@far.example")) {
      assertThat(sending.verdict(MailflowFixture.message(from, "One")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.sink.messages()).isNotEmpty();
  }

  private List<DkimResult> verify(String message) {
    DnsResolver resolver =
        new DnsResolver(
            DnsSettings.standard().withResolver(flow.dns.address(), Duration.ofSeconds(2)),
            flow.clock);
    return new DkimVerifier(new KeyLookup(resolver), flow.clock)
        .verify(
            SignedMessage.of(Content.of(message.getBytes(StandardCharsets.UTF_8))),
            List.of("example.test"),
            DnsBudget.ofMessage());
  }
}
