package org.mailstead.mailflow.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.xbill.DNS.Rcode;

class DkimTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final KeyPair RSA = TestKeys.rsa(2048);
  private static final KeyPair ED = TestKeys.ed25519();
  private static final String MESSAGE =
      "From: Anna <anna@ours.example>\r\nTo: bob@far.example\r\nSubject: Hello\r\n"
          + "Date: Fri, 1 Jan 2027 00:00:00 +0000\r\n\r\nHello  there \r\n\r\nBye\r\n\r\n\r\n";

  private final TestDns dns =
      new TestDns()
          .txt("r._domainkey.ours.example", TestKeys.record(RSA.getPublic()))
          .txt("e._domainkey.ours.example", TestKeys.record(ED.getPublic()));
  private final DnsResolver resolver =
      new DnsResolver(
          DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)),
          InstantSource.fixed(NOW));
  private final List<SigningKey> both =
      List.of(
          new SigningKey("ours.example", "e", SigningAlgorithm.ED25519_SHA256, ED.getPrivate()),
          new SigningKey("ours.example", "r", SigningAlgorithm.RSA_SHA256, RSA.getPrivate()));

  @AfterEach
  void close() {
    dns.close();
  }

  // ---- vectors

  @Test
  void theExampleOfRfc8463VerifiesWithBothAlgorithms() {
    dns.txt(
            "brisbane._domainkey.football.example.com",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        .txt(
            "test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
                + "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
                + "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
                + "Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
    String signed =
        """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.
        """
            .replace("\n", "\r\n");
    assertThat(verify(signed))
        .extracting(DkimResult::verdict)
        .containsOnly(DkimVerdict.PASS)
        .hasSize(2);
  }

  @Test
  void theCanonicalFormsAreThoseOfRfc6376() {
    // RFC 6376 §3.4.5.
    assertThat(
            new String(
                Canonicalization.RELAXED.field(bytes("B : Y\t\r\n\tZ  \r\n")),
                StandardCharsets.US_ASCII))
        .isEqualTo("b:Y Z\r\n");
    assertThat(
            new String(
                Canonicalization.SIMPLE.field(bytes("B : Y\t\r\n\tZ  \r\n")),
                StandardCharsets.US_ASCII))
        .isEqualTo("B : Y\t\r\n\tZ  \r\n");
    String body = " C \r\nD \t E\r\n\r\n\r\n";
    assertThat(digest(Canonicalization.RELAXED, body)).isEqualTo(sha256(" C\r\nD E\r\n"));
    assertThat(digest(Canonicalization.SIMPLE, body)).isEqualTo(sha256(" C \r\nD \t E\r\n"));
    // §3.4.3, §3.4.4: the empty body.
    assertThat(digest(Canonicalization.SIMPLE, ""))
        .isEqualTo("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    assertThat(digest(Canonicalization.RELAXED, ""))
        .isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assertThat(digest(Canonicalization.RELAXED, "a")).isEqualTo(sha256("a\r\n"));
    assertThat(digest(Canonicalization.RELAXED, " \t\r\n\r\n")).isEqualTo(sha256(""));
  }

  // ---- ours

  @Test
  void whatWeSignVerifiesWithBothAlgorithms() {
    String signed = sign(MESSAGE);
    assertThat(verify(signed))
        .hasSize(2)
        .allSatisfy(result -> {
          assertThat(result.verdict()).as(result.reason()).isEqualTo(DkimVerdict.PASS);
          assertThat(result.domain()).isEqualTo("ours.example");
        });
    assertThat(signed.split("\r\n")).allSatisfy(line -> assertThat(line.length()).isLessThan(79));
  }

  @Test
  void relaxedSignaturesSurviveWhiteSpaceAndNothingElse() {
    String signed = sign(MESSAGE);
    assertPasses(
        signed
            .replace("Subject: Hello", "subject:   Hello ")
            .replace("Hello  there ", "Hello there"));
    assertFails(signed.replace("Subject: Hello", "Subject: Hallo"));
    assertFails(signed.replace("Bye", "By"));
    assertFails(signed.replace("Subject: Hello\r\n", ""));
  }

  @Test
  void anotherFromFieldBreaksTheSignature() {
    assertFails(sign(MESSAGE).replace("To: bob", "From: evil@far.example\r\nTo: bob"));
    assertFails("From: evil@far.example\r\n" + sign(MESSAGE));
    assertFails(sign(MESSAGE).replace("To: bob", "Subject: Other\r\nTo: bob"));
  }

  @Test
  void aBodyOfManyMegabytesIsHashedInOnePassAndConstantMemory() {
    String body = ("line of text \t \r\n").repeat(200_000) + "\r\n".repeat(100_000);
    String signed = sign(MESSAGE + body);
    assertPasses(signed);
  }

  // ---- what makes a signature void

  @Test
  void expiredAndFutureSignaturesFail() {
    assertThat(only(signed("x=1798761599", "")).reason()).contains("expired");
    assertThat(only(signed("t=1798849999", "")).reason()).contains("future");
    assertThat(only(signed("x=1798761601", "")).verdict()).isEqualTo(DkimVerdict.PASS);
  }

  @Test
  void aPartlySignedBodyDoesNotCount() {
    DkimResult result = only(signed("l=5", "added\r\n"));
    assertThat(result.verdict()).isEqualTo(DkimVerdict.POLICY);
    assertThat(only(signed("l=99999", "")).verdict()).isEqualTo(DkimVerdict.FAIL);
  }

  @Test
  void sha1AndUnknownAlgorithmsAndVersionsAreErrors() {
    assertThat(
            only(sign(MESSAGE, both.subList(1, 2)).replace("a=rsa-sha256", "a=rsa-sha1")).reason())
        .contains("RFC 8301");
    assertError(sign(MESSAGE, both.subList(1, 2)).replace("a=rsa-sha256", "a=rsa-sha512"));
    assertError(sign(MESSAGE, both.subList(1, 2)).replace("v=1", "v=2"));
    assertError(sign(MESSAGE, both.subList(1, 2)).replace("d=ours.example", "d=ours.example; d=x"));
    assertError(
        sign(MESSAGE, both.subList(1, 2))
            .replace("d=ours.example", "d=ours.example; i=@far.example"));
    assertError(sign(MESSAGE, both.subList(1, 2)).replace("h=From:From:", "h="));
    assertError("DKIM-Signature: nonsense\r\n" + MESSAGE);
    assertError(
        "DKIM-Signature: v=1; a=rsa-sha256; h=from"
            + ":x".repeat(400)
            + "; d=ours.example; s=r; b=aa; bh=aa\r\n"
            + MESSAGE);
    assertError("DKIM-Signature: v=1; b=" + "a".repeat(20_000) + "\r\n" + MESSAGE);
  }

  @Test
  void weakHugeRevokedAndWrongKeysAreErrors() {
    KeyPair weak = TestKeys.rsa(512);
    dns.txt("weak._domainkey.ours.example", TestKeys.record(weak.getPublic()))
        .txt("gone._domainkey.ours.example", "v=DKIM1; p=")
        .txt("sha1._domainkey.ours.example", TestKeys.record(RSA.getPublic()) + "; h=sha1")
        .txt("web._domainkey.ours.example", TestKeys.record(RSA.getPublic()) + "; s=other")
        .txt("junk._domainkey.ours.example", "v=DKIM1; p=!!!!")
        .fail("down._domainkey.ours.example", Rcode.SERVFAIL);
    for (String selector : List.of("weak", "gone", "sha1", "web", "junk", "missing", "e")) {
      DkimResult result =
          only(sign(MESSAGE, both.subList(1, 2)).replace("s=r;", "s=" + selector + ";"));
      assertThat(result.verdict()).as(selector).isEqualTo(DkimVerdict.PERMERROR);
    }
    assertThat(only(sign(MESSAGE, both.subList(1, 2)).replace("s=r;", "s=down;")).verdict())
        .isEqualTo(DkimVerdict.TEMPERROR);
  }

  @Test
  void anRsaKeyOver4096BitsIsRefused() {
    var huge = "v=DKIM1; p=" + Base64.getEncoder().encodeToString(bareRsa(8192));
    assertThatThrownBy(() -> DkimKey.parse(huge)).hasMessageContaining("8192 bits");
    assertThatThrownBy(() -> DkimKey.parse("v=DKIM1; n=" + "x".repeat(5_000) + "; p=aa"))
        .hasMessageContaining("too long");
  }

  @Test
  void ofAHundredSignaturesTenAreVerifiedAndTheAuthorsFirst() {
    var flood = new StringBuilder();
    for (int i = 0; i < 99; i++) {
      flood
          .append("DKIM-Signature: v=1; a=rsa-sha256; d=d")
          .append(i)
          .append(".example; s=s; h=from; bh=aa; b=aa\r\n");
    }
    int before = dns.questionCount();
    List<DkimResult> results = verify(flood + sign(MESSAGE, both.subList(0, 1)));
    assertThat(results).hasSize(DkimLimits.VERIFIED_MAX);
    assertThat(results.getFirst().verdict()).isEqualTo(DkimVerdict.PASS);
    assertThat(dns.questionCount() - before).isLessThanOrEqualTo(DkimLimits.VERIFIED_MAX);
  }

  @Test
  void aHeaderFloodCostsNoMoreThanItsLimit() {
    String flood = ("X-Flood: " + "y".repeat(900) + "\r\n").repeat(2_000);
    List<DkimResult> results =
        verify(sign(MESSAGE, both.subList(0, 1)).replace("To: bob", flood + "To: bob"));
    // The signed fields behind the flood are out of reach: it does not pass, and nothing breaks.
    assertThat(results).hasSize(1);
    assertThat(results.getFirst().verdict()).isEqualTo(DkimVerdict.FAIL);
  }

  // ----

  private String sign(String message) {
    return sign(message, both);
  }

  private String sign(String message, List<SigningKey> keys) {
    return new DkimSigner(InstantSource.fixed(NOW))
            .sign(SignedMessage.of(Content.of(bytes(message))), keys)
        + message;
  }

  /// Signed by hand, with one more tag, and something added to the body afterwards.
  private String signed(String tag, String added) {
    long most = tag.startsWith("l=") ? Long.parseLong(tag.substring(2)) : Long.MAX_VALUE;
    SignedMessage message = SignedMessage.of(Content.of(bytes(MESSAGE)));
    String hash =
        Base64.getEncoder()
            .encodeToString(message.bodyDigest(Canonicalization.RELAXED, most).hash());
    String unsigned =
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=ours.example; s=e; h=from; "
            + tag
            + "; bh="
            + hash
            + "; b=";
    return DkimSigner.signed(unsigned, message, List.of("from"), both.getFirst()) + MESSAGE + added;
  }

  private List<DkimResult> verify(String message) {
    return new DkimVerifier(new KeyLookup(resolver), InstantSource.fixed(NOW))
        .verify(
            SignedMessage.of(Content.of(bytes(message))),
            List.of("ours.example"),
            DnsBudget.ofMessage());
  }

  private DkimResult only(String message) {
    List<DkimResult> results = verify(message);
    assertThat(results).hasSize(1);
    return results.getFirst();
  }

  private void assertPasses(String message) {
    assertThat(verify(message))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.verdict()).as(r.reason()).isEqualTo(DkimVerdict.PASS));
  }

  private void assertFails(String message) {
    assertThat(verify(message))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.verdict()).as(r.reason()).isEqualTo(DkimVerdict.FAIL));
  }

  private void assertError(String message) {
    assertThat(only(message).verdict()).isEqualTo(DkimVerdict.PERMERROR);
  }

  private static String digest(Canonicalization form, String body) {
    return Base64.getEncoder()
        .encodeToString(
            BodyDigest.of(form, Long.MAX_VALUE, java.nio.ByteBuffer.wrap(bytes(body))).hash());
  }

  private static String sha256(String text) {
    return Base64.getEncoder().encodeToString(BodyDigest.sha256().digest(bytes(text)));
  }

  private static byte[] bareRsa(int bits) {
    byte[] modulus = new byte[bits / 8 + 1];
    java.util.Arrays.fill(modulus, 1, modulus.length, (byte) 0xFF);
    var out = new java.io.ByteArrayOutputStream();
    int inner = 4 + modulus.length + 5;
    out.writeBytes(new byte[] {0x30, (byte) 0x82, (byte) (inner >> 8), (byte) inner});
    out.writeBytes(
        new byte[] {0x02, (byte) 0x82, (byte) (modulus.length >> 8), (byte) modulus.length});
    out.writeBytes(modulus);
    out.writeBytes(new byte[] {0x02, 0x03, 0x01, 0x00, 0x01});
    return out.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
