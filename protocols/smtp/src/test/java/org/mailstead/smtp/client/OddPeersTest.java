package org.mailstead.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.TestTls;
import org.mailstead.smtp.client.ClientSettings.Timeouts;
import org.mailstead.smtp.client.ClientSettings.Tls;
import org.mailstead.smtp.client.Delivery.Stage;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;

/// The client against servers that are old, slow, wrong or hostile.
final class OddPeersTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Timeouts SHORT_TIMES =
      new Timeouts(SHORT, SHORT, SHORT, SHORT, SHORT, SHORT);
  private static final MailFrom FROM =
      MailFrom.of(Optional.of(EmailAddress.parse("a@example.com")));
  private static final List<RcptTo> TO =
      List.of(
          RcptTo.of(EmailAddress.parse("b@example.org")),
          RcptTo.of(EmailAddress.parse("c@example.org")));
  private static final ClientSettings SETTINGS =
      ClientSettings.standard("client.example.com", TestTls.context());

  private static SmtpClient connect(OddPeer peer, ClientSettings settings) throws IOException {
    return SmtpClient.connect(peer.address(), "localhost", settings);
  }

  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void anOldServerWithoutEhloIsSpokenToCommandByCommand() throws IOException {
    try (var peer =
            new OddPeer(
                "220 old\n",
                "500 what?\r\n",
                "250 hello\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "551 moved\r\n",
                "354 go\r\n",
                "250 taken\r\n",
                "221 bye\r\n");
        var client = connect(peer, SETTINGS)) {
      var delivery = client.send(FROM, TO, content("..\r\n"));
      assertThat(delivery.outcomes().stream().map(o -> o.stage() + " " + o.reply().code()))
          .containsExactly("DATA 250", "RCPT 551");
      client.quit();
      assertThat(peer.heard().subList(0, 6))
          .containsExactly(
              "EHLO client.example.com",
              "HELO client.example.com",
              "MAIL FROM:<a@example.com>",
              "RCPT TO:<b@example.org>",
              "RCPT TO:<c@example.org>",
              "DATA");
    }
  }

  @Test
  void aServerThatAcceptsPipelinedDataWithoutRecipientsGetsAnEmptyMessage() throws IOException {
    // RFC 2920 §3.1.
    try (var peer =
            new OddPeer(
                "220 x\r\n",
                "250-x\r\n250 PIPELINING\r\n",
                "250 ok\r\n",
                "550 no\r\n",
                "550 no\r\n",
                "354 go\r\n",
                "554 nobody\r\n",
                "221 bye\r\n");
        var client = connect(peer, SETTINGS)) {
      var delivery = client.send(FROM, TO, content("x"));
      assertThat(delivery.outcomes()).allMatch(o -> o.stage() == Stage.RCPT);
      client.quit();
      assertThat(peer.heard()).contains(".", "QUIT");
    }
  }

  @Test
  void aRefusedGreetingOrHelloIsTheSessionsRefusal() throws IOException {
    try (var peer = new OddPeer("554 5.7.1 go away\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS))
          .isInstanceOfSatisfying(
              PeerRefusedException.class,
              e -> assertThat(e.reply().toString()).isEqualTo("554 5.7.1 go away"));
    }
    try (var peer = new OddPeer("220 x\r\n", "421 4.3.2 later\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS))
          .isInstanceOfSatisfying(
              PeerRefusedException.class, e -> assertThat(e.reply().isTemporary()).isTrue());
    }
  }

  @Test
  void tlsThatIsRequiredIsNotGivenUpWhereItIsNotOffered() throws IOException {
    for (Tls tls : List.of(Tls.REQUIRED, Tls.VERIFIED)) {
      try (var peer = new OddPeer("220 x\r\n", "250 x\r\n", "502 no\r\n")) {
        assertThatThrownBy(() -> connect(peer, SETTINGS.with(tls)))
            .isInstanceOf(PeerRefusedException.class);
        assertThat(peer.heard()).contains("STARTTLS");
      }
    }
    try (var peer = new OddPeer("220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "454 not now\r\n");
        var client = connect(peer, SETTINGS)) {
      assertThat(client.isEncrypted()).isFalse();
    }
  }

  @Test
  void repliesInjectedAfterStartTlsEndTheConnection() throws IOException {
    try (var peer =
        new OddPeer(
            "220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("STARTTLS");
    }
  }

  @Test
  void aSilentPeerIsGivenUp() throws IOException {
    try (var peer = new OddPeer("")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS.with(SHORT_TIMES)))
          .isInstanceOf(SocketTimeoutException.class);
    }
    try (var peer = new OddPeer("220 x\r\n", "250 x\r\n", "")) {
      try (var client = connect(peer, SETTINGS.with(SHORT_TIMES))) {
        assertThatThrownBy(() -> client.send(FROM, TO, content("x")))
            .isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @Test
  void aPeerThatBreaksOffLeavesNoReply() throws IOException {
    try (var peer =
            new OddPeer(
                "220 x\r\n",
                "250 x\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "354 go\r\n",
                "{close}");
        var client = connect(peer, SETTINGS)) {
      assertThatThrownBy(() -> client.send(FROM, TO, content("x"))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aPositiveReplyInTheWrongPlaceIsNotADelivery() throws IOException {
    try (var peer =
            new OddPeer(
                "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n");
        var client = connect(peer, SETTINGS)) {
      assertThatThrownBy(() -> client.send(FROM, TO, content("x"))).isInstanceOf(IOException.class);
    }
    try (var peer =
            new OddPeer(
                "220 x\r\n",
                "250 x\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "354 go\r\n",
                "354 go on\r\n");
        var client = connect(peer, SETTINGS)) {
      assertThatThrownBy(() -> client.send(FROM, TO, content("x"))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void repliesWithoutEndAreGivenUp() throws IOException {
    try (var peer = new OddPeer("220 " + "x".repeat(10_000) + "\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS)).isInstanceOf(IOException.class);
    }
    try (var peer = new OddPeer("220-x\r\n".repeat(200) + "220 x\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS)).isInstanceOf(IOException.class);
    }
    try (var peer = new OddPeer("HTTP/1.1 400 Bad Request\r\n")) {
      assertThatThrownBy(() -> connect(peer, SETTINGS)).isInstanceOf(IOException.class);
    }
  }
}
