package org.mailstead.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.TestServer;
import org.mailstead.smtp.TestTls;
import org.mailstead.smtp.client.ClientSettings.Tls;
import org.mailstead.smtp.client.Delivery.Stage;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpLimits;

/// The client against our own server.
final class SmtpClientTest {
  private static final MailFrom FROM =
      MailFrom.of(Optional.of(EmailAddress.parse("a@example.com")));
  private static final ClientSettings SETTINGS =
      ClientSettings.standard("client.example.com", TestTls.context());

  private static SmtpClient connect(TestServer server, int listener, ClientSettings settings)
      throws IOException {
    return SmtpClient.connect(server.address(listener), "localhost", settings);
  }

  private static List<RcptTo> to(String... locals) {
    List<RcptTo> recipients = new ArrayList<>();
    for (String local : locals) {
      recipients.add(RcptTo.of(new EmailAddress(local, "example.org")));
    }
    return recipients;
  }

  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aMessageGoesOverWithEveryParameter() throws IOException {
    try (var server = TestServer.start();
        var client = connect(server, TestServer.INBOUND, SETTINGS)) {
      assertThat(client.isEncrypted()).isTrue();
      assertThat(client.isDsnOffered()).isTrue();
      var from =
          new MailFrom(
              Optional.of(new EmailAddress("o d\"d", "example.com")),
              OptionalLong.empty(),
              MailFrom.BodyKind.EIGHT_BIT_MIME,
              false,
              Optional.of(MailFrom.DsnReturn.HEADERS),
              Optional.of("id+7 x"));
      var rcpt =
          new RcptTo(
              EmailAddress.parse("b@example.org"),
              Set.of(RcptTo.Notify.SUCCESS, RcptTo.Notify.FAILURE),
              Optional.of(new RcptTo.OriginalRecipient("rfc822", "B=x@example.org")));
      var delivery = client.send(from, List.of(rcpt), content(".a\r\n..\r\nend"));
      assertThat(delivery.outcomes()).hasSize(1);
      assertThat(delivery.outcomes().getFirst().isDelivered()).isTrue();
      var received = server.reception().take();
      assertThat(received.text()).isEqualTo(".a\r\n..\r\nend\r\n");
      assertThat(received.from())
          .isEqualTo(
              new MailFrom(
                  from.reversePath(),
                  OptionalLong.of(11),
                  from.body(),
                  false,
                  from.returned(),
                  from.envelopeId()));
      assertThat(received.recipients()).containsExactly(rcpt);
      assertThat(received.session().protocol()).isEqualTo("ESMTPS");
      client.quit();
    }
  }

  @Test
  void eachRecipientHasItsOwnReply() throws IOException {
    try (var server = TestServer.start();
        var client = connect(server, TestServer.INBOUND, SETTINGS.with(Tls.NONE))) {
      assertThat(client.isEncrypted()).isFalse();
      var delivery = client.send(FROM, to("b", "unknown", "later", "c"), content("x\r\n"));
      assertThat(delivery.outcomes().stream().map(o -> o.stage() + " " + o.reply()))
          .containsExactly(
              "DATA 250 2.0.0 OK",
              "RCPT 550 5.1.1 no such mailbox",
              "RCPT 450 4.2.0 greylisted",
              "DATA 250 2.0.0 OK");
      assertThat(server.reception().take().recipients()).hasSize(2);
      // Nobody accepted: DATA was pipelined and refused; the next message goes all the same.
      delivery = client.send(FROM, to("unknown"), content("x\r\n"));
      assertThat(delivery.outcomes().getFirst().stage()).isEqualTo(Stage.RCPT);
      delivery =
          client.send(
              MailFrom.of(Optional.of(EmailAddress.parse("refused@example.com"))),
              to("b", "c"),
              content("x"));
      assertThat(delivery.outcomes()).allMatch(o -> o.stage() == Stage.MAIL);
      assertThat(delivery.outcomes().getFirst().reply().isPermanent()).isTrue();
      delivery = client.send(FROM, to("no-data", "b"), content("x"));
      assertThat(delivery.outcomes()).noneMatch(Delivery.RecipientOutcome::isDelivered);
      assertThat(delivery.outcomes()).allMatch(o -> o.stage() == Stage.DATA);
      delivery = client.send(FROM, to("b"), content("last\r\n"));
      assertThat(delivery.outcomes().getFirst().isDelivered()).isTrue();
      assertThat(server.reception().take().text()).isEqualTo("last\r\n");
      assertThat(server.reception().waitingCount()).isZero();
    }
  }

  @Test
  void manyRecipientsAndALargeMessageGoOverByDataAndByChunks() throws IOException {
    String[] locals = new String[450];
    for (int i = 0; i < locals.length; i++) locals[i] = "u" + i;
    String body = ".a line of some length that begins with a dot\r\n".repeat(20_000);
    for (var settings : List.of(SETTINGS, SETTINGS.withChunking())) {
      try (var server = TestServer.start();
          var client = connect(server, TestServer.INBOUND, settings)) {
        for (int i = 0; i < 2; i++) {
          var delivery = client.send(FROM, to(locals), content(body));
          assertThat(delivery.outcomes()).hasSize(450).allMatch(o -> o.isDelivered());
          assertThat(server.reception().take().text()).isEqualTo(body);
        }
        client.quit();
      }
    }
  }

  @Test
  void lmtpGivesAReplyForEach() throws IOException {
    for (var settings : List.of(SETTINGS.toLmtp(), SETTINGS.toLmtp().withChunking())) {
      try (var server = TestServer.start();
          var client = connect(server, TestServer.LMTP, settings)) {
        for (int i = 0; i < 2; i++) {
          var delivery = client.send(FROM, to("each", "unknown", "c", "d"), content("x\r\n"));
          assertThat(delivery.outcomes().stream().map(o -> o.reply().code()))
              .containsExactly(250, 550, 552, 250);
          assertThat(server.reception().take().recipients()).hasSize(3);
        }
        var none = client.send(FROM, to("unknown"), content("x\r\n"));
        assertThat(none.outcomes().getFirst().stage()).isEqualTo(Stage.RCPT);
        assertThat(client.send(FROM, to("b"), content("y")).outcomes().getFirst().isDelivered())
            .isTrue();
      }
    }
  }

  @Test
  void aLoginIsOnlySentUnderTls() throws IOException {
    try (var server = TestServer.start()) {
      try (var client =
          connect(server, TestServer.SUBMISSIONS, SETTINGS.with(Tls.IMPLICIT_VERIFIED))) {
        client.authenticate("alice@example.org", "secret");
        assertThat(client.send(FROM, to("b"), content("x")).outcomes().getFirst().isDelivered())
            .isTrue();
        assertThat(server.reception().take().session().principal()).isPresent();
      }
      try (var client = connect(server, TestServer.SUBMISSION, SETTINGS)) {
        assertThatThrownBy(() -> client.authenticate("alice@example.org", "wrong"))
            .isInstanceOfSatisfying(
                PeerRefusedException.class, e -> assertThat(e.reply().code()).isEqualTo(535));
        var delivery = client.send(FROM, to("b"), content("x"));
        assertThat(delivery.outcomes().getFirst().reply().code()).isEqualTo(530);
      }
      try (var client = connect(server, TestServer.SUBMISSION, SETTINGS.with(Tls.NONE))) {
        assertThatThrownBy(() -> client.authenticate("alice@example.org", "secret"))
            .isInstanceOf(PeerRefusedException.class);
      }
    }
  }

  @Test
  void aCertificateIsCheckedWhereTheSettingWantsIt() throws IOException {
    try (var server = TestServer.start()) {
      try (var client = connect(server, TestServer.INBOUND, SETTINGS.with(Tls.VERIFIED))) {
        assertThat(client.isEncrypted()).isTrue();
      }
      assertThatThrownBy(() ->
              SmtpClient.connect(
                  server.address(TestServer.INBOUND),
                  "mx.example.net",
                  SETTINGS.with(Tls.VERIFIED)))
          .isInstanceOf(IOException.class);
      try (var client =
          SmtpClient.connect(
              server.address(TestServer.INBOUND), "mx.example.net", SETTINGS.with(Tls.REQUIRED))) {
        assertThat(client.isEncrypted()).isTrue();
      }
    }
  }

  @Test
  void whatAPeerCannotTakeIsNotEvenOffered() throws IOException {
    var limits = SmtpLimits.standard().with(SmtpLimits.Sizes.standard().withMessageBytesMax(100));
    try (var server = TestServer.start(limits);
        var client = connect(server, TestServer.INBOUND, SETTINGS)) {
      var delivery = client.send(FROM, to("b"), content("x".repeat(101)));
      assertThat(delivery.outcomes().getFirst().stage()).isEqualTo(Stage.REQUIREMENTS);
      assertThat(delivery.outcomes().getFirst().reply().toString()).startsWith("552 5.3.4");
      delivery = client.send(FROM, to("δ"), content("ü\r\n"));
      assertThat(delivery.outcomes().getFirst().isDelivered()).isTrue();
      assertThat(server.reception().take().from().smtpUtf8()).isTrue();
    }
  }
}
