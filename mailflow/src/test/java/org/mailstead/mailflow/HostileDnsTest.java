package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.mailflow.dkim.DkimLimits;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimSigner;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dkim.DkimVerifier;
import org.mailstead.mailflow.dkim.KeyLookup;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningAlgorithm;
import org.mailstead.mailflow.dkim.SigningKey;
import org.mailstead.mailflow.dkim.TestKeys;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsLimits;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.mailflow.spf.SpfEvaluator;
import org.mailstead.mailflow.spf.SpfQuery;
import org.mailstead.mailflow.spf.SpfResult;
import org.mailstead.mailflow.spf.SpfVerdict;
import org.mailstead.store.TestClock;

/// A DNS that lies, loops and leads on: each message costs a bounded number of questions.
class HostileDnsTest {
  private final TestDns dns = new TestDns();
  private final TestClock clock = new TestClock();
  private final DnsResolver resolver =
      new DnsResolver(
          DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)), clock);

  @AfterEach
  void close() {
    dns.close();
  }

  @Test
  @DisplayName("An alias that leads back to itself, or on and on, is no answer")
  void aliasesThatLoop() {
    dns.cname("a.loop.example", "b.loop.example").cname("b.loop.example", "a.loop.example");
    dns.cname("self.example", "self.example");
    for (int i = 0; i < 100; i++) dns.cname("c" + i + ".example", "c" + (i + 1) + ".example");
    dns.txt("c100.example", "far");
    for (String name : List.of("a.loop.example", "self.example", "c0.example")) {
      int before = dns.questionCount();
      DnsAnswer<String> answer = resolver.txt(name, DnsBudget.ofMessage());
      assertThat(answer.values()).as(name).isEmpty();
      assertThat(dns.questionCount() - before)
          .as(name)
          .isLessThanOrEqualTo(DnsLimits.ALIASES_MAX + 1);
    }
  }

  @Test
  @DisplayName("RFC 7208 §4.6.4: SPF includes that loop or fan out end in permerror after ten")
  void includesThatLoop() {
    dns.txt("loop.example", "v=spf1 include:loop.example -all");
    dns.txt("ping.example", "v=spf1 include:pong.example -all");
    dns.txt("pong.example", "v=spf1 include:ping.example -all");
    var wide = new StringBuilder("v=spf1");
    for (int i = 0; i < 12; i++) {
      wide.append(" include:i").append(i).append(".wide.example");
      dns.txt("i" + i + ".wide.example", "v=spf1 ?all");
    }
    dns.txt("wide.example", wide + " -all");
    var void_ = new StringBuilder("v=spf1");
    for (int i = 0; i < 9; i++) void_.append(" a:v").append(i).append(".void.example");
    dns.txt("void.example", void_ + " -all");
    for (String domain : List.of("loop.example", "ping.example", "wide.example", "void.example")) {
      int before = dns.questionCount();
      assertThat(spf(domain).verdict()).as(domain).isEqualTo(SpfVerdict.PERMERROR);
      assertThat(dns.questionCount() - before).as(domain).isLessThanOrEqualTo(25);
    }
    // More than ten mail exchangers are not looked at (§4.6.4).
    for (int i = 0; i < 12; i++) {
      dns.mx("many.example", i, "m" + i + ".many.example");
      dns.address("m" + i + ".many.example", "192.0.2." + (i + 100));
    }
    dns.txt("many.example", "v=spf1 mx -all");
    int before = dns.questionCount();
    assertThat(spf("many.example").verdict()).isEqualTo(SpfVerdict.PERMERROR);
    assertThat(dns.questionCount() - before).isLessThanOrEqualTo(25);
  }

  private SpfResult spf(String domain) {
    return new SpfEvaluator(resolver)
        .check(
            SpfQuery.ofMailFrom(
                InetAddress.ofLiteral("192.0.2.7"),
                "user",
                domain,
                "helo.example",
                "mx.example.test",
                clock),
            DnsBudget.ofMessage());
  }

  @Test
  @DisplayName("Of a hundred DKIM signatures a few are looked at, those of the author first")
  void aHundredSignatures() {
    KeyPair pair = TestKeys.ed25519();
    String message = MailflowFixture.message("author@far.example", "One");
    var signed = new StringBuilder();
    List<String> domains = new ArrayList<>();
    for (int i = 0; i < 99; i++) domains.add("d" + i + ".example");
    domains.add("far.example");
    for (String domain : domains) {
      dns.txt("s._domainkey." + domain, TestKeys.record(pair.getPublic()));
      signed.append(
          new DkimSigner(clock)
              .sign(
                  signedMessage(message),
                  List.of(
                      new SigningKey(
                          domain, "s", SigningAlgorithm.ED25519_SHA256, pair.getPrivate()))));
    }
    int before = dns.questionCount();
    List<DkimResult> results =
        new DkimVerifier(new KeyLookup(resolver), clock)
            .verify(signedMessage(signed + message), List.of("far.example"), DnsBudget.ofMessage());
    assertThat(dns.questionCount() - before).isLessThanOrEqualTo(DkimLimits.VERIFIED_MAX);
    assertThat(results).hasSizeLessThanOrEqualTo(DkimLimits.VERIFIED_MAX);
    assertThat(results)
        .anyMatch(
            each -> each.domain().equals("far.example") && each.verdict() == DkimVerdict.PASS);
  }

  private static SignedMessage signedMessage(String text) {
    return SignedMessage.of(Content.of(text.getBytes(StandardCharsets.UTF_8)));
  }
}
