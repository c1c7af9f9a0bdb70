package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.flow.SmtpGateway;
import org.mailstead.core.flow.SmtpGateways;
import org.mailstead.smtp.TestTls;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.server.SmtpLogin;
import org.mailstead.smtp.server.Verdict;

/// FLW-5: mail by way of an organization's SMTP gateway.
final class GatewayTest {
  private static final String ANNA = "anna@example.test";
  private static final String PARTNER = "friend@partner.example";
  private static final String FRIEND = "friend@far.example";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final MailflowFixture flow =
      new MailflowFixture(
          settings ->
              settings.with(
                  new ClientSettings.Timeouts(
                      PATIENCE, PATIENCE, PATIENCE, PATIENCE, PATIENCE, PATIENCE)),
          new TestSink(),
          TestTls.context());
  private final CoreFixture core = flow.core;
  private final SmtpLogin login =
      (credentials, _) -> {
        if (!credentials.name().equals("relay-user")
            || !credentials.secret().equals("relay-password")) {
          throw new RefusedException(Refusal.AUTHENTICATION_FAILED, "wrong name or password");
        }
        return core.principal(core.bert());
      };
  private final SmtpGateways gateways =
      new SmtpGateways(core.directory(), core.keys(), core.clock(), new Random(1));
  private TestSink gateway = new TestSink(TestTls.context(), login);

  @AfterEach
  void closeAndCheck() {
    flow.close();
    gateway.close();
  }

  private static SmtpGateway.Terms terms(String host, int port, String password) {
    return new SmtpGateway.Terms(
        "relay", host, port, Optional.of("relay-user"), Optional.of(password));
  }

  /// Mail to partner.example goes by way of it.
  private String route(String host, int port, String password) {
    String id =
        gateways.create(
            core.change("CreateSmtpGateway"),
            core.organization(),
            terms(host, port, password),
            Optional.empty());
    FlowRules.outbound(core.directory(), core.clock(), new Random(2))
        .create(
            core.change("CreateOutboundMailFlowRule"),
            core.organization(),
            new FlowRule.Terms<>(
                "route",
                OutboundAction.ROUTE_TO_SMTP_GATEWAY,
                List.of(AddressPattern.any()),
                List.of(AddressPattern.parse("partner.example")),
                Optional.of(id),
                Optional.empty()),
            Optional.empty());
    return id;
  }

  private void submit(String... to) {
    try (var sending = flow.submission(core.anna(), ANNA).to(to)) {
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  @Test
  @DisplayName("RFC 8689: mail that requires TLS goes on by way of a gateway, with the parameter")
  void mailThatRequiresTlsGoesByWayOfAGateway() {
    route("localhost", gateway.port(), "relay-password");
    try (var sending =
        flow.submission(core.anna(), MailflowFixture.mailFrom(ANNA).withRequireTls(true))
            .to(PARTNER)) {
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(gateway.messages())
        .singleElement()
        .satisfies(message -> assertThat(message.from().requireTls()).isTrue());
    flow.checkQueueEmpty();
  }

  /// The one report that Anna got, about the partner.
  private String reason() {
    flow.checkQueueEmpty();
    assertThat(flow.inbox(core.anna())).hasSize(1);
    String whole = flow.inbox(core.anna()).getFirst();
    assertThat(whole).doesNotContain("relay-password");
    var recipients = DeliveryTest.Report.parse(whole).recipients();
    assertThat(recipients).hasSize(1);
    assertThat(recipients.getFirst())
        .containsEntry("Final-Recipient", "rfc822; " + PARTNER)
        .containsEntry("Action", "failed");
    return recipients.getFirst().get("Diagnostic-Code");
  }

  @Test
  @DisplayName("FLW-5: mail goes by way of the gateway with TLS and AUTH, other mail does not")
  void routed() {
    route("localhost", gateway.port(), "relay-password");
    submit(PARTNER, "other@partner.example", FRIEND);
    assertThat(gateway.messages())
        .singleElement()
        .satisfies(
            sent -> assertThat(sent.addresses()).containsExactly(PARTNER, "other@partner.example"));
    assertThat(flow.sink.messages())
        .singleElement()
        .satisfies(sent -> assertThat(sent.addresses()).containsExactly(FRIEND));
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void aWrongPasswordBouncesWithTheReason() {
    route("localhost", gateway.port(), "wrong");
    submit(PARTNER);
    assertThat(gateway.messages()).isEmpty();
    assertThat(reason()).contains("SMTP gateway", "535");
  }

  @Test
  @DisplayName("FLW-5: a certificate that names another host bounces")
  void aCertificateOfAnotherHostBounces() {
    flow.dns.address("gateway.example", "127.0.0.1");
    route("gateway.example", gateway.port(), "relay-password");
    submit(PARTNER);
    assertThat(gateway.messages()).isEmpty();
    assertThat(reason()).contains("SMTP gateway", "gateway.example");
  }

  @Test
  @DisplayName("FLW-5: an older TLS than 1.2 bounces")
  void oldTlsBounces() throws GeneralSecurityException, IOException {
    try (var old = new HostilePeer("oldtls")) {
      route("localhost", old.port(), "relay-password");
      submit(PARTNER);
    }
    assertThat(reason()).contains("SMTP gateway");
  }

  @Test
  @DisplayName("FLW-5: an unreachable gateway bounces with the reason")
  void anUnreachableGatewayBounces() {
    int port = gateway.port();
    gateway.close();
    route("localhost", port, "relay-password");
    submit(PARTNER, FRIEND);
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(reason()).startsWith("smtp; 554 5.4.1 The SMTP gateway cannot be used");
    gateway = new TestSink(TestTls.context(), login);
  }

  @ParameterizedTest
  @ValueSource(strings = {"greeting", "ehlo", "plain", "tls", "garbage", "flood"})
  void aHostileGatewayIsBoundedAndOthersAreNotDelayed(String state) throws IOException {
    try (var peer = new HostilePeer(state)) {
      route("localhost", peer.port(), "relay-password");
      long start = System.nanoTime();
      submit(PARTNER, FRIEND);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(90));
      assertThat(peer.heard()).doesNotContain("AUTH", "MAIL");
    }
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(reason()).contains("SMTP gateway");
  }

  @Test
  void whatTheGatewayPutsOffIsTriedAgainAndWhatItRefusesBounces() {
    route("localhost", gateway.port(), "relay-password");
    gateway.answerRecipients(to ->
        to.local().equals("friend")
            ? Verdict.rejected(550, "5.1.1", "No such user")
            : Verdict.deferred(451, "4.3.0", "Wait"));
    submit(PARTNER, "slow@partner.example");
    assertThat(gateway.messages()).isEmpty();
    gateway.answerRecipients(to -> Verdict.accepted());
    flow.clock.advance(Duration.ofMinutes(2));
    flow.settle();
    assertThat(gateway.messages())
        .singleElement()
        .satisfies(sent -> assertThat(sent.addresses()).containsExactly("slow@partner.example"));
    assertThat(reason()).contains("550 5.1.1 No such user");
  }

  @Test
  void aGatewayThatIsPutRightWorksAtOnce() {
    String id = route("localhost", gateway.port(), "wrong");
    submit(PARTNER);
    assertThat(reason()).contains("535");
    flow.clock.advance(Duration.ofSeconds(1));
    gateways.update(
        core.change("UpdateSmtpGateway"),
        core.organization(),
        id,
        terms("localhost", gateway.port(), "relay-password"));
    submit(PARTNER);
    assertThat(gateway.messages()).hasSize(1);
  }

  /// Silent or worse from some state on.
  private static final class HostilePeer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final String state;
    private final StringBuffer heard = new StringBuffer();

    HostilePeer(String state) throws IOException {
      this.state = state;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listener.getLocalPort();
    }

    String heard() {
      return heard.toString();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try {
          Socket socket = listener.accept();
          Thread.ofVirtual().start(() -> serve(socket));
        } catch (IOException e) {
          if (!listener.isClosed()) throw new UncheckedIOException(e);
        }
      }
    }

    private void serve(Socket socket) {
      try (socket) {
        switch (state) {
          case "greeting" -> {}
          case "flood" -> {
            byte[] endless = "220-more and more\r\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
            while (true) socket.getOutputStream().write(endless);
          }
          default -> {
            say(socket, "220 hostile");
            line(socket);
            switch (state) {
              case "ehlo" -> {}
              case "plain" -> {
                say(socket, "250 AUTH PLAIN");
              }
              default -> {
                say(socket, "250-hostile\r\n250 STARTTLS");
                line(socket);
                say(socket, "220 go");
                if (state.equals("garbage")) say(socket, "\0\1\2 not TLS at all");
                if (state.equals("oldtls")) handshakeWithOldTls(socket);
              }
            }
          }
        }
        while (!line(socket).isEmpty()) {
          // Whatever comes is heard and not answered.
        }
      } catch (IOException | GeneralSecurityException e) {
        heard.append(" (").append(e.getClass().getSimpleName()).append(')');
      }
    }

    private static void handshakeWithOldTls(Socket socket)
        throws IOException, GeneralSecurityException {
      var tls =
          (javax.net.ssl.SSLSocket)
              TestTls.context()
                  .getSocketFactory()
                  .createSocket(socket, "localhost", socket.getPort(), true);
      tls.setUseClientMode(false);
      tls.setEnabledProtocols(new String[] {"TLSv1.1"});
      tls.startHandshake();
    }

    private String line(Socket socket) throws IOException {
      StringBuilder line = new StringBuilder();
      InputStream in = socket.getInputStream();
      for (int c = in.read(); c >= 0; c = in.read()) {
        line.append((char) c);
        if (c == '\n') break;
      }
      heard.append(line);
      return line.toString();
    }

    private static void say(Socket socket, String text) throws IOException {
      socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
