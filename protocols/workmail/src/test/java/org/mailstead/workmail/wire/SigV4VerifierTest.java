package org.mailstead.workmail.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.SigV4;
import org.mailstead.http.aws.SigV4Signer;

@DisplayName("API-1: Signature Version 4")
final class SigV4VerifierTest {
  private static final Instant NOW = Instant.parse("2026-11-21T00:50:00Z");
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  private static final Credentials KNOWN = new Credentials("AKIAKNOWN", SECRET);
  private static final byte[] BODY = "{\"MaxResults\":1}".getBytes(UTF_8);
  private static final HttpHeaders HEADERS =
      HttpHeaders.of(
          "Host", "localhost:8443",
          "Content-Type", "application/x-amz-json-1.1",
          "X-Amz-Target", "WorkMailService.ListOrganizations");

  private final SigV4Verifier verifier =
      new SigV4Verifier(
          "workmail",
          InstantSource.fixed(NOW),
          id -> id.equals("AKIAKNOWN") ? Optional.of(SECRET) : Optional.empty());
  private final SigV4Signer signer = new SigV4Signer(KNOWN, "eu-west-1", "workmail");

  @Test
  void aSignedRequestIsAcceptedWithItsKeyAndRegion() {
    assertThat(verifier.verify(request(signed(NOW), "", BODY)))
        .isEqualTo(new SigV4Verifier.Verified("AKIAKNOWN", "eu-west-1"));
  }

  @Test
  void aPresignedQueryIsAcceptedUntilItExpires() {
    Duration valid = Duration.ofMinutes(20);
    Instant then = NOW.minus(valid);
    String query = signer.presign(then, valid, "POST", "/", "a=b%20c", HEADERS, BODY);
    assertThat(verifier.verify(request(HEADERS, query, BODY)).accessKeyId()).isEqualTo("AKIAKNOWN");
    String late =
        signer.presign(then.minusSeconds(1), valid, "POST", "/", "a=b%20c", HEADERS, BODY);
    refused(HEADERS, late, BODY, "InvalidSignatureException").hasMessageContaining("expired");
  }

  @Test
  void everyChangeToWhatWasSignedIsRefused() {
    HttpHeaders signed = signed(NOW);
    List<HttpRequest> altered = new ArrayList<>();
    altered.add(request(signed, "", "{\"MaxResults\":2}".getBytes(UTF_8)));
    altered.add(request(signed, "x=1", BODY));
    altered.add(new HttpRequest("PUT", "/", "", signed, BODY, peer(), true));
    altered.add(new HttpRequest("POST", "/x", "", signed, BODY, peer(), true));
    altered.add(
        request(replaced(signed, "X-Amz-Target", "WorkMailService.DeleteOrganization"), "", BODY));
    altered.add(request(replaced(signed, "Host", "localhost:1"), "", BODY));
    altered.add(
        request(signed.with("X-Amz-Target", "WorkMailService.DeleteOrganization"), "", BODY));
    for (HttpRequest request : altered) {
      assertThatThrownBy(() -> verifier.verify(request))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("does not match the signature you provided");
    }
  }

  @Test
  void targetAndHostMustBeAmongTheSignedHeaders() {
    HttpHeaders few = HttpHeaders.of("Host", "localhost:8443");
    HttpHeaders signed = signer.sign(NOW, "POST", "/", "", few, BODY);
    refused(
            signed.with("X-Amz-Target", "WorkMailService.DeleteUser"),
            "",
            BODY,
            "InvalidSignatureException")
        .hasMessageContaining("'x-amz-target' must be a 'SignedHeader'");
    HttpHeaders noHost = HttpHeaders.of("X-Amz-Target", "WorkMailService.DeleteUser");
    HttpHeaders signedWithout = signer.sign(NOW, "POST", "/", "", noHost, BODY);
    refused(signedWithout.with("Host", "a"), "", BODY, "InvalidSignatureException")
        .hasMessageContaining("'Host'");
  }

  @Test
  void aClockMayBeFifteenMinutesOffAndSdksLearnTheRightTimeFromTheError() {
    Duration skew = SigV4Limits.CLOCK_SKEW_MAX;
    for (Instant good : List.of(NOW.minus(skew), NOW.plus(skew))) {
      assertThat(verifier.verify(request(signed(good), "", BODY)).accessKeyId())
          .isEqualTo("AKIAKNOWN");
    }
    refused(signed(NOW.minus(skew).minusSeconds(1)), "", BODY, "InvalidSignatureException")
        .hasMessage(
            "Signature expired: 20261121T003459Z is now earlier than 20261121T003500Z"
                + " (20261121T005000Z - 15 min.)");
    refused(signed(NOW.plus(skew).plusSeconds(1)), "", BODY, "InvalidSignatureException")
        .hasMessage(
            "Signature not yet current: 20261121T010501Z is still later than 20261121T010500Z"
                + " (20261121T005000Z + 15 min.)");
  }

  @Test
  void anUnknownKeyAndASessionTokenAreUnrecognized() {
    SigV4Signer stranger =
        new SigV4Signer(new Credentials("AKIASTRANGER", SECRET), "eu-west-1", "workmail");
    refused(
        stranger.sign(NOW, "POST", "/", "", HEADERS, BODY),
        "",
        BODY,
        "UnrecognizedClientException");
    HttpHeaders withToken = HEADERS.with("X-Amz-Security-Token", "token");
    refused(
        signer.sign(NOW, "POST", "/", "", withToken, BODY),
        "",
        BODY,
        "UnrecognizedClientException");
  }

  @Test
  void aWrongSecretDoesNotMatch() {
    SigV4Signer wrong =
        new SigV4Signer(new Credentials("AKIAKNOWN", "wrong"), "eu-west-1", "workmail");
    refused(wrong.sign(NOW, "POST", "/", "", HEADERS, BODY), "", BODY, "InvalidSignatureException")
        .hasMessageContaining("does not match");
  }

  @Test
  void aRequestWithoutASignatureIsToldSo() {
    refused(HEADERS, "", BODY, "MissingAuthenticationTokenException");
  }

  @Test
  void incompleteSignaturesNameWhatIsMissing() {
    String good = signed(NOW).first("Authorization").orElseThrow();
    HttpHeaders dated = HEADERS.with("X-Amz-Date", "20261121T005000Z");
    incomplete(dated, "Basic dXNlcjpwYXNz", "unsupported algorithm");
    incomplete(dated, "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "'Signature'", "'SignedHeaders'");
    incomplete(dated, good.replace("/aws4_request", ""), "exactly 5");
    incomplete(HEADERS, good, "'X-Amz-Date'");
    incomplete(HEADERS.with("X-Amz-Date", "yesterday"), good, "ISO-8601");
    incomplete(
        dated, good.replace("SignedHeaders=", "SignedHeaders=" + "a;".repeat(64)), "too many");
    HttpHeaders twice = dated.with("Authorization", good);
    incomplete(twice, good, "more than one");
  }

  @Test
  void theScopeMustNameThisServiceAndTheDayOfTheRequest() {
    SigV4Signer other = new SigV4Signer(KNOWN, "eu-west-1", "ses");
    refused(other.sign(NOW, "POST", "/", "", HEADERS, BODY), "", BODY, "InvalidSignatureException")
        .hasMessageContaining("correct service: 'workmail'");
    String good = signed(NOW).first("Authorization").orElseThrow();
    HttpHeaders dated = HEADERS.with("X-Amz-Date", "20261121T005000Z");
    refused(
            dated.with("Authorization", good.replace("20261121/", "20261120/")),
            "",
            BODY,
            "InvalidSignatureException")
        .hasMessageContaining("Date in Credential scope");
    refused(
            dated.with("Authorization", good.replace("aws4_request", "aws3_request")),
            "",
            BODY,
            "InvalidSignatureException")
        .hasMessageContaining("terminator");
    refused(
            dated.with("Authorization", good.replace("eu-west-1", "EU West")),
            "",
            BODY,
            "InvalidSignatureException")
        .hasMessageContaining("region");
  }

  @Test
  void anAnnouncedHashOfTheBodyMustBeTheBodysHash() {
    HttpHeaders right = HEADERS.with("X-Amz-Content-Sha256", SigV4.hash(BODY));
    assertThat(verifier.verify(request(signer.sign(NOW, "POST", "/", "", right, BODY), "", BODY)))
        .isNotNull();
    HttpHeaders unsigned = HEADERS.with("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
    refused(
        signer.sign(NOW, "POST", "/", "", unsigned, BODY), "", BODY, "InvalidSignatureException");
  }

  @Test
  void presignedQueriesAreBoundedAndUnambiguous() {
    String week = signer.presign(NOW, SigV4Limits.PRESIGNED_MAX, "POST", "/", "", HEADERS, BODY);
    assertThat(verifier.verify(request(HEADERS, week, BODY))).isNotNull();
    String longer =
        signer.presign(
            NOW, SigV4Limits.PRESIGNED_MAX.plusSeconds(1), "POST", "/", "", HEADERS, BODY);
    refused(HEADERS, longer, BODY, "IncompleteSignatureException").hasMessageContaining("week");
    refused(HEADERS, week + "&X-Amz-Date=20261121T005000Z", BODY, "IncompleteSignatureException")
        .hasMessageContaining("twice");
    refused(HEADERS, week.replace("X-Amz-Expires", "Y"), BODY, "IncompleteSignatureException")
        .hasMessageContaining("'X-Amz-Expires'");
  }

  private HttpHeaders signed(Instant time) {
    return signer.sign(time, "POST", "/", "", HEADERS, BODY);
  }

  private void incomplete(HttpHeaders headers, String authorization, String... texts) {
    refused(headers.with("Authorization", authorization), "", BODY, "IncompleteSignatureException")
        .hasMessageContainingAll(texts);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(
      HttpHeaders headers, String query, byte[] body, String code) {
    return assertThatThrownBy(() -> verifier.verify(request(headers, query, body)))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.status()).isEqualTo(400);
              assertThat(e.text()).doesNotContain(SECRET);
            });
  }

  private static HttpHeaders replaced(HttpHeaders headers, String name, String value) {
    return new HttpHeaders(
        headers.fields().stream()
            .map(f -> f.name().equals(name) ? new HttpHeaders.Field(name, value) : f)
            .toList());
  }

  private static HttpRequest request(HttpHeaders headers, String query, byte[] body) {
    return new HttpRequest("POST", "/", query, headers, body, peer(), true);
  }

  private static InetSocketAddress peer() {
    return new InetSocketAddress("127.0.0.1", 1);
  }
}
