package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.mailflow.dns.BindServer;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.smtp.server.Verdict;

/// Deliveries to a domain whose zone a real BIND serves, signed, with TLSA records.
class DaneTest {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("elsewhere.example");

  @Test
  void theNamedCertificateIsTrustedWhateverItsName() {
    assertThat(
            deliver(
                Optional.of(CERTIFICATE),
                HexFormat.of().formatHex(CERTIFICATE.keyDigest()),
                "3 1 1"))
        .isEqualTo(1);
  }

  @Test
  void anotherCertificateGetsNothing() {
    assertThat(deliver(Optional.of(CERTIFICATE), "ab".repeat(32), "3 1 1")).isZero();
  }

  @Test
  void aServerWithoutTlsGetsNothing() {
    assertThat(
            deliver(Optional.empty(), HexFormat.of().formatHex(CERTIFICATE.keyDigest()), "3 1 1"))
        .isZero();
  }

  @Test
  void recordsThatSmtpCannotUseWantEncryptionOnly() {
    assertThat(deliver(Optional.of(CERTIFICATE), "ab".repeat(32), "1 1 1")).isEqualTo(1);
    assertThat(deliver(Optional.empty(), "ab".repeat(32), "1 1 1")).isZero();
  }

  /// How many messages arrive.
  private static int deliver(Optional<TestCertificate> certificate, String data, String kind) {
    TestSink sink = new TestSink(certificate.map(TestCertificate::context));
    String records =
        "@ IN MX 10 mail\nmail IN A 127.0.0.1\n_"
            + sink.port()
            + "._tcp.mail IN TLSA "
            + kind
            + " "
            + data
            + "\n";
    try (BindServer bind =
            BindServer.start(List.of(BindServer.Zone.signed("signed.example", records)));
        MailflowFixture flow =
            new MailflowFixture(
                settings ->
                    settings.with(
                        DnsSettings.standard()
                            .withResolver(bind.address(), Duration.ofSeconds(2))
                            .with(DnsSettings.Validation.OWN)
                            .withTrustAnchors(bind.anchors())),
                sink)) {
      try (var sending =
          flow.submission(flow.core.anna(), "anna@example.test").to("bob@signed.example")) {
        assertThat(sending.verdict(MailflowFixture.message("anna@example.test", "One")))
            .isInstanceOf(Verdict.Accepted.class);
      }
      flow.settle();
      QueueStatus.Counts counts = flow.status().counts();
      assertThat(counts.entries() + sink.messages().size()).isEqualTo(1);
      return sink.messages().size();
    }
  }
}
