package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.reports.RememberedPolicies;
import org.mailstead.mailflow.transport.TransportLimits;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.server.Verdict;

/// What a domain's MTA-STS policy and a sender's REQUIRETLS make of the way to another server, and
/// what the domain hears about it.
final class TransportPromisesTest {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("sink.example");
  private static final String ANNA = "anna@example.test";

  private static MailflowFixture fixture(TestSink sink) {
    return new MailflowFixture(settings -> settings, sink, CERTIFICATE.context());
  }

  private static TestSink sink() {
    return new TestSink(Optional.of(CERTIFICATE.context()));
  }

  /// As if it had been fetched before.
  private static void policy(MailflowFixture flow, String mode, String mx) {
    new RememberedPolicies(flow.core.directory(), TransportLimits.POLICIES_MAX)
        .put(
            new RememberedPolicies.Remembered(
                "far.example",
                "1",
                "version: STSv1\r\nmode: " + mode + "\r\nmx: " + mx + "\r\nmax_age: 604800\r\n",
                flow.clock.instant().plus(Duration.ofDays(7))),
            flow.clock.instant());
  }

  private static void submit(MailflowFixture flow, boolean requireTls) {
    try (var sending =
        flow.submission(flow.core.anna(), MailflowFixture.mailFrom(ANNA).withRequireTls(requireTls))
            .to("bob@far.example")) {
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "One")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  @Test
  @DisplayName(
      "RFC 8689: an MTA-STS policy vouches for the name, so mail that requires TLS goes on")
  void requireTlsWithAPolicy() {
    try (var flow = fixture(sink())) {
      policy(flow, "enforce", "sink.example");
      submit(flow, true);
      assertThat(flow.sink.messages())
          .singleElement()
          .satisfies(message -> assertThat(message.from().requireTls()).isTrue());
      assertThat(flow.inbox(flow.core.anna())).isEmpty();
      flow.checkQueueEmpty();
    }
  }

  @Test
  @DisplayName("RFC 8689: a policy that names another host sends mail that requires TLS back")
  void requireTlsWithAPolicyForAnotherHost() {
    try (var flow = fixture(sink())) {
      policy(flow, "enforce", "other.example");
      submit(flow, true);
      assertThat(flow.sink.messages()).isEmpty();
      assertThat(flow.inbox(flow.core.anna()))
          .singleElement()
          .asString()
          .contains("Status: 5.7.30");
    }
  }

  @Test
  @DisplayName("RFC 8689: over a smarthost its certificate is what counts")
  void requireTlsOverASmarthost() {
    for (ClientSettings.Tls tls :
        List.of(ClientSettings.Tls.OPPORTUNISTIC, ClientSettings.Tls.VERIFIED)) {
      TestSink sink = sink();
      try (var flow =
          new MailflowFixture(
              settings ->
                  settings.withSmarthost(
                      new Smarthost("sink.example", sink.port(), tls, Optional.empty())),
              sink,
              CERTIFICATE.context())) {
        submit(flow, true);
        assertThat(sink.messages())
            .singleElement()
            .satisfies(message -> assertThat(message.from().requireTls()).isTrue());
        flow.checkQueueEmpty();
      }
    }
    // Another host's certificate, and one that does not encrypt at all.
    for (TestSink sink : List.of(sink(), new TestSink())) {
      try (var flow =
          new MailflowFixture(
              settings ->
                  settings.withSmarthost(
                      new Smarthost(
                          "relay.example",
                          sink.port(),
                          ClientSettings.Tls.OPPORTUNISTIC,
                          Optional.empty())),
              sink,
              CERTIFICATE.context())) {
        flow.dns.address("relay.example", "127.0.0.1");
        submit(flow, true);
        assertThat(sink.messages()).isEmpty();
        assertThat(flow.inbox(flow.core.anna()))
            .singleElement()
            .asString()
            .contains("Status: 5.7.30");
        submit(flow, false);
        assertThat(sink.messages()).hasSize(1);
      }
    }
  }

  @Test
  @DisplayName(
      "RFC 8461 §5, RFC 8460: a policy that is tested stops nothing, and its failures are"
          + " told over HTTPS")
  void policiesInTestingModeAreReportedOverHttps() throws Exception {
    TestCertificate collector = TestCertificate.of("reports.far.example");
    List<String> posted = new CopyOnWriteArrayList<>();
    HttpsServer server = server(collector, posted);
    // What the connector trusts here is the collector: the mail exchanger's certificate is
    // nobody's.
    try (var flow = new MailflowFixture(settings -> settings, sink(), collector.context())) {
      flow.reportFrom("postmaster@example.test");
      flow.dns.txt(
          "_smtp._tls.far.example",
          "v=TLSRPTv1; rua=https://reports.far.example:"
              + server.getAddress().getPort()
              + "/v1/tls");
      policy(flow, "testing", "sink.example");
      submit(flow, false);
      assertThat(flow.sink.messages()).hasSize(1);
      assertThat(flow.inbox(flow.core.anna())).isEmpty();
      flow.checkQueueEmpty();
      flow.clock.advance(Duration.ofDays(1));
      flow.flow().sendReports();
      flow.settle();
      assertThat(flow.sink.messages()).as("no report by mail").hasSize(1);
      assertThat(posted)
          .singleElement()
          .asString()
          .startsWith("POST /v1/tls application/tlsrpt+gzip ")
          .contains(
              "\"policy-type\":\"sts\"",
              "\"mode: testing\"",
              "\"policy-domain\":\"far.example\"",
              "\"result-type\":\"certificate-not-trusted\"",
              "\"receiving-mx-hostname\":\"sink.example\"");
    } finally {
      server.stop(0);
    }
  }

  @Test
  @DisplayName("RFC 8461 §5: a host that a tested policy does not name gets the mail, and is told")
  void hostsThatATestedPolicyDoesNotName() throws Exception {
    try (var flow = fixture(sink())) {
      flow.reportFrom("postmaster@example.test");
      flow.dns.txt("_smtp._tls.far.example", "v=TLSRPTv1; rua=mailto:tls@far.example");
      policy(flow, "testing", "other.example");
      submit(flow, false);
      assertThat(flow.sink.messages()).hasSize(1);
      flow.clock.advance(Duration.ofDays(1));
      flow.flow().sendReports();
      flow.settle();
      assertThat(flow.sink.messages()).hasSize(2);
      String report = flow.sink.messages().getLast().text();
      int at = report.indexOf("\r\n\r\n", report.indexOf("application/tlsrpt+gzip\r\n")) + 4;
      assertThat(
              unpacked(
                  java.util.Base64.getMimeDecoder()
                      .decode(report.substring(at, report.indexOf("\r\n--", at)))))
          .contains("\"mode: testing\"", "\"result-type\":\"validation-failure\"");
    }
  }

  private static HttpsServer server(TestCertificate certificate, List<String> posted)
      throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            posted.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestURI()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type")
                    + " "
                    + unpacked(exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(201, -1);
          }
        });
    server.start();
    return server;
  }

  private static String unpacked(byte[] packed) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
