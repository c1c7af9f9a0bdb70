package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.http.HttpHeaders;

/// Cases of AWS's published Signature Version 4 test suite: 30 August 2015, us-east-1, "service".
final class SigV4VectorsTest {
  private static final Instant TIME = Instant.parse("2015-08-30T12:36:00Z");
  private static final Credentials EXAMPLE =
      new Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  private static final SigV4Signer SIGNER = new SigV4Signer(EXAMPLE, "us-east-1", "service");
  private static final HttpHeaders HOST = HttpHeaders.of("Host", "example.amazonaws.com");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          get-vanilla, GET, /, '', 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
          get-vanilla-query-order-key-case, GET, /, Param2=value2&Param1=value1, b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500
          get-utf8, GET, /ሴ, '', 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85
          get-space-normalized, GET, /example space/, '', 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741
          get-relative-normalized, GET, /example/.., '', 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
          get-slashes-normalized, GET, //, '', 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
          post-vanilla, POST, /, '', 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b
          """)
  void signaturesWithoutABody(
      String name, String method, String path, String query, String signature) {
    HttpHeaders signed = SIGNER.sign(TIME, method, path, query, HOST, new byte[0]);
    assertThat(signed.first("Authorization"))
        .contains(
            "AWS4-HMAC-SHA256"
                + " Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + " SignedHeaders=host;x-amz-date, Signature="
                + signature);
  }

  @Test
  void postXWwwFormUrlencoded() {
    HttpHeaders signed =
        SIGNER.sign(
            TIME,
            "POST",
            "/",
            "",
            HOST.with("Content-Type", "application/x-www-form-urlencoded"),
            "Param1=value1".getBytes(UTF_8));
    assertThat(signed.first("Authorization").orElseThrow())
        .endsWith(
            "SignedHeaders=content-type;host;x-amz-date, Signature="
                + "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  }

  @Test
  @DisplayName("The worked example of AWS's guide: IAM ListUsers")
  void theWorkedExampleOfTheGuide() {
    HttpHeaders headers =
        HttpHeaders.of(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
            "Host",
            "iam.amazonaws.com",
            "X-Amz-Date",
            "20150830T123600Z");
    String canonical =
        CanonicalRequest.of(
            "GET",
            "/",
            "Action=ListUsers&Version=2010-05-08",
            headers,
            java.util.List.of("content-type", "host", "x-amz-date"),
            SigV4.hash(new byte[0]));
    assertThat(SigV4.hash(canonical.getBytes(UTF_8)))
        .isEqualTo("f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    SigV4.Scope scope = new SigV4.Scope("20150830", "us-east-1", "iam");
    assertThat(
            SigV4.signature(
                EXAMPLE.secretAccessKey(), scope, SigV4.stringToSign(TIME, scope, canonical)))
        .isEqualTo("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  }

  @Test
  void valuesAreTrimmedBlanksJoinedAndRepeatedFieldsListed() {
    HttpHeaders headers =
        HttpHeaders.of(
            "Host", "h", "My-Header1", " value1  a ", "my-header1", "value2", "X-Z", "\"a   b\"");
    String canonical =
        CanonicalRequest.of(
            "GET", "/", "", headers, java.util.List.of("host", "my-header1", "x-z"), "p");
    assertThat(canonical)
        .isEqualTo(
            "GET\n/\n\nhost:h\nmy-header1:value1 a,value2\nx-z:\"a b\"\n\nhost;my-header1;x-z\np");
  }

  @Test
  void queryMembersAreDecodedOnceEncodedOnceAndSorted() {
    assertThat(CanonicalRequest.query("b=2&a=%7e%2F&a=+&c&%zz=1"))
        .isEqualTo("%25zz=1&a=%2B&a=~%2F&b=2&c=");
    assertThat(CanonicalRequest.query("a-=1&a=2")).isEqualTo("a=2&a-=1");
  }
}
