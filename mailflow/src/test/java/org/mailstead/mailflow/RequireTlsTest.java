package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.dns.BindServer;
import org.mailstead.mailflow.dns.DnsSettings;
import org.mailstead.smtp.server.Verdict;

/// REQUIRETLS and `TLS-Required: No` (RFC 8689), LIMITS (RFC 9422), towards other servers.
class RequireTlsTest {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("elsewhere.example");
  private static final String ANNA = "anna@example.test";

  @Test
  @DisplayName("RFC 8689: without a name that can be trusted it goes back with 5.7.30")
  void withoutPromisesItGoesBack() {
    try (MailflowFixture flow =
        new MailflowFixture(
            settings -> settings,
            new TestSink(Optional.of(TestCertificate.of("sink.example").context())))) {
      submit(flow, "bob@far.example", true, "");
      // Other mail goes there all the same, before and after.
      submit(flow, "bob@far.example", false, "");
      assertThat(flow.sink.messages()).hasSize(1);
      assertThat(flow.inbox(flow.core.anna()))
          .singleElement()
          .asString()
          .contains("Status: 5.7.30", "requires TLS all the way")
          // RFC 8689 §5: the header only.
          .doesNotContain("Hello.");
      flow.checkQueueEmpty();
    }
  }

  @Test
  @DisplayName("RFC 8689: over a connection that DANE vouches for it goes on, with the parameter")
  void overTrustedConnectionsItGoesOn() {
    deliver(
        Optional.of(CERTIFICATE),
        HexFormat.of().formatHex(CERTIFICATE.keyDigest()),
        flow -> {
          submit(flow, "bob@signed.example", true, "");
          assertThat(flow.sink.messages())
              .singleElement()
              .satisfies(message -> assertThat(message.from().requireTls()).isTrue());
          assertThat(flow.inbox(flow.core.anna())).isEmpty();
        });
  }

  @Test
  @DisplayName("RFC 8689: a certificate that is not the one named sends it back at once")
  void wrongCertificatesSendItBack() {
    deliver(
        Optional.of(CERTIFICATE),
        "ab".repeat(32),
        flow -> {
          submit(flow, "bob@signed.example", true, "");
          assertThat(flow.sink.messages()).isEmpty();
          assertThat(flow.inbox(flow.core.anna()))
              .singleElement()
              .asString()
              .contains("Status: 5.7.30");
        });
    deliver(
        Optional.empty(),
        "ab".repeat(32),
        flow -> {
          submit(flow, "bob@signed.example", true, "");
          assertThat(flow.sink.messages()).isEmpty();
          assertThat(flow.inbox(flow.core.anna()))
              .singleElement()
              .asString()
              .contains("Status: 5.7.30", "does not encrypt");
        });
  }

  @Test
  @DisplayName("RFC 8689: TLS-Required: No lets mail through where DANE would not")
  void relaxedMailArrives() {
    deliver(
        Optional.of(CERTIFICATE),
        "ab".repeat(32),
        flow -> {
          submit(flow, "bob@signed.example", false, "TLS-Required: No\r\n");
          assertThat(flow.sink.messages()).hasSize(1);
          submit(flow, "bob@signed.example", true, "TLS-Required: No\r\n");
          assertThat(flow.sink.messages()).as("the envelope's word goes first").hasSize(1);
        });
  }

  @Test
  @DisplayName("RFC 9422: no more recipients at a time than the peer says it takes")
  void limitsAreHonoured() throws Exception {
    try (LimitedPeer peer = new LimitedPeer("LIMITS MAILMAX=2 RCPTMAX=3 RCPTDOMAINMAX=1");
        MailflowFixture flow =
            new MailflowFixture(settings -> settings.withRemotePort(peer.port()))) {
      String[] to =
          IntStream.range(0, 8).mapToObj(i -> "u" + i + "@far.example").toArray(String[]::new);
      try (var sending = flow.submission(flow.core.anna(), ANNA).to(to)) {
        assertThat(sending.verdict(MailflowFixture.message(ANNA, "Many")))
            .isInstanceOf(Verdict.Accepted.class);
      }
      flow.settle();
      assertThat(peer.transactions()).containsExactly(3, 3, 2);
      assertThat(peer.connections()).isEqualTo(2);
      flow.checkQueueEmpty();
    }
  }

  private interface Checks {
    void run(MailflowFixture flow);
  }

  private static void deliver(Optional<TestCertificate> certificate, String digest, Checks checks) {
    TestSink sink = new TestSink(certificate.map(TestCertificate::context));
    String records =
        "@ IN MX 10 mail\nmail IN A 127.0.0.1\n_"
            + sink.port()
            + "._tcp.mail IN TLSA 3 1 1 "
            + digest
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
      checks.run(flow);
    }
  }

  private static void submit(
      MailflowFixture flow, String to, boolean requireTls, String extraFields) {
    try (var sending =
        flow.submission(flow.core.anna(), MailflowFixture.mailFrom(ANNA).withRequireTls(requireTls))
            .to(to)) {
      assertThat(sending.verdict(extraFields + MailflowFixture.message(ANNA, "One")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }
}
