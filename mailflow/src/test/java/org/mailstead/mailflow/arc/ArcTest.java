package org.mailstead.mailflow.arc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dkim.KeyLookup;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningAlgorithm;
import org.mailstead.mailflow.dkim.SigningKey;
import org.mailstead.mailflow.dkim.TestKeys;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;

class ArcTest {
  private static final KeyPair PAIR = TestKeys.rsa(2048);
  private static final String MESSAGE =
      "From: anna@author.example\r\nTo: list@list.example\r\nSubject: Hello\r\n\r\nText\r\n";
  private static final String PASSED = "list.example;\r\n\tdmarc=pass header.from=author.example";

  private final TestDns dns =
      new TestDns()
          .txt("s._domainkey.list.example", TestKeys.record(PAIR.getPublic()))
          .txt("s._domainkey.next.example", TestKeys.record(PAIR.getPublic()));
  private final ArcVerifier verifier =
      new ArcVerifier(
          new KeyLookup(
              new DnsResolver(
                  DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)),
                  InstantSource.system())));
  private final ArcSealer sealer = new ArcSealer(InstantSource.system());

  @AfterEach
  void close() {
    dns.close();
  }

  @Test
  void aChainOfTwoServersValidatesAndNamesThem() {
    assertThat(verify(MESSAGE).verdict()).isEqualTo(ArcVerdict.NONE);
    String once = seal(MESSAGE, "list.example");
    assertThat(verify(once).verdict()).as(verify(once).reason()).isEqualTo(ArcVerdict.PASS);
    String twice = seal(once, "next.example");
    ArcResult result = verify(twice);
    assertThat(result.verdict()).as(result.reason()).isEqualTo(ArcVerdict.PASS);
    assertThat(result.sealers()).containsExactly("list.example", "next.example");
    assertThat(result.isVouchedBy(Set.of("list.example", "next.example"), "author.example"))
        .isTrue();
    assertThat(result.isVouchedBy(Set.of("list.example"), "author.example")).isFalse();
    assertThat(result.isVouchedBy(Set.of("list.example", "next.example"), "other.example"))
        .isFalse();
  }

  @Test
  void whatWasChangedBetweenBreaksTheChainAndTheNextServerSaysSo() {
    String changed = seal(MESSAGE, "list.example").replace("Text", "Text and a footer");
    assertThat(verify(changed).verdict()).isEqualTo(ArcVerdict.FAIL);
    String next = seal(changed, "next.example");
    assertThat(next).contains("cv=fail");
    assertThat(verify(next).verdict()).isEqualTo(ArcVerdict.FAIL);
    // RFC 8617 §5.1: nobody goes on after cv=fail.
    assertThat(trySeal(next, "list.example")).isEmpty();
  }

  @Test
  void aMessageChangedByAServerThatSealsItStaysValid() {
    String once = seal(MESSAGE, "list.example");
    String twice =
        seal(
            once.replace("Subject: Hello", "Subject: [list] Hello"),
            "next.example",
            ArcVerdict.PASS);
    assertThat(verify(twice).verdict()).as(verify(twice).reason()).isEqualTo(ArcVerdict.PASS);
  }

  @Test
  void brokenSetsFail() {
    String once = seal(MESSAGE, "list.example");
    String twice = seal(once, "next.example");
    assertThat(verify(once.replace("ARC-Seal: i=1", "ARC-Seal: i=2")).verdict())
        .isEqualTo(ArcVerdict.FAIL);
    assertThat(verify(once.replace("cv=none", "cv=pass")).verdict()).isEqualTo(ArcVerdict.FAIL);
    assertThat(verify(twice.replace("dmarc=pass", "dmarc=fail")).verdict())
        .isEqualTo(ArcVerdict.FAIL);
    assertThat(verify(twice.replace("ARC-Seal: i=1", "X-Gone: i=1")).verdict())
        .isEqualTo(ArcVerdict.FAIL);
    assertThat(verify(once + "").verdict()).isEqualTo(ArcVerdict.PASS);
    assertThat(verify("ARC-Seal: junk\r\n" + MESSAGE).verdict()).isEqualTo(ArcVerdict.FAIL);
    assertThat(verify("ARC-Seal: i=51; cv=none\r\n" + MESSAGE).verdict())
        .isEqualTo(ArcVerdict.FAIL);
  }

  @Test
  void fiftySetsAreEnough() {
    String message = MESSAGE;
    for (int i = 1; i <= ArcLimits.INSTANCES_MAX; i++) {
      message = seal(message, i % 2 == 0 ? "list.example" : "next.example", ArcVerdict.PASS);
    }
    assertThat(verify(message).verdict()).as(verify(message).reason()).isEqualTo(ArcVerdict.PASS);
    assertThat(trySeal(message, "list.example")).isEmpty();
  }

  @Test
  void dkimpyAgreesWithOurSeals() throws Exception {
    String script =
        "import sys, dkim\nm = sys.stdin.buffer.read()\n"
            + "print(dkim.arc_verify(m, dnsfunc=lambda name, **more: b'"
            + TestKeys.record(PAIR.getPublic())
            + "')[0])";
    String output;
    try {
      Process process =
          new ProcessBuilder("/usr/bin/python3", "-c", script).redirectErrorStream(true).start();
      try (var out = process.getOutputStream()) {
        out.write(
            seal(seal(MESSAGE, "list.example"), "next.example").getBytes(StandardCharsets.UTF_8));
      }
      output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } catch (IOException e) {
      output = "No module named";
    }
    assumeTrue(
        !output.contains("No module named"), "skipped: Debian's python3-dkim is not installed");
    assertThat(output).contains("pass");
  }

  private String seal(String message, String domain) {
    return seal(message, domain, verify(message).verdict());
  }

  private String seal(String message, String domain, ArcVerdict state) {
    return sealer.seal(parsed(message), state, PASSED, key(domain)).orElseThrow() + message;
  }

  private Optional<String> trySeal(String message, String domain) {
    return sealer.seal(parsed(message), verify(message).verdict(), PASSED, key(domain));
  }

  private ArcResult verify(String message) {
    return verifier.verify(parsed(message), DnsBudget.ofMessage());
  }

  private static SigningKey key(String domain) {
    return new SigningKey(domain, "s", SigningAlgorithm.RSA_SHA256, PAIR.getPrivate());
  }

  private static SignedMessage parsed(String message) {
    return SignedMessage.of(Content.of(message.getBytes(StandardCharsets.UTF_8)));
  }
}
