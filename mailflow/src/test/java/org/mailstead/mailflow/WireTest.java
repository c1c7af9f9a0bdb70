package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.client.Delivery;
import org.mailstead.smtp.client.SmtpClient;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.SmtpServer;
import org.mailstead.smtp.server.SmtpServerSettings;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpLimits;

/// Mail flow behind the real SMTP and LMTP listeners.
class WireTest {
  private static final String FRIEND = "friend@far.example";

  @TempDir private Path spool = Path.of(".");
  private final MailflowFixture flow = new MailflowFixture();
  private Optional<SmtpServer> server = Optional.empty();

  @BeforeEach
  void listen() throws IOException {
    Path folder = Files.createDirectory(spool.resolve("smtp"));
    server =
        Optional.of(
            SmtpServer.start(
                new SmtpServerSettings(
                    MailflowFixture.HOST,
                    List.of(listener(SessionFacts.Kind.INBOUND), listener(SessionFacts.Kind.LMTP)),
                    SmtpLimits.standard(),
                    SmtpServerSettings.BareLineEnds.NORMALIZE,
                    false,
                    folder,
                    1 << 20),
                flow.reception(),
                (_, _) -> {
                  throw new IllegalStateException("no AUTH here");
                },
                Optional.empty(),
                InstantSource.system()));
  }

  @AfterEach
  void closeAndCheck() {
    assertThat(server.orElseThrow().bugCount()).isZero();
    server.orElseThrow().close();
    flow.close();
  }

  @Test
  void aMessageOverTheWireLiesInTheMailboxWhenItIsAcknowledged() throws Exception {
    try (SmtpClient client = connect(0)) {
      assertThat(send(client, "One", "anna@example.test")).isEqualTo("250");
      assertThat(flow.inbox(flow.core.anna())).hasSize(1);
    }
  }

  @Test
  void aMessageThatWentThroughMoreThanAHundredServersIsALoop() throws Exception {
    String header = "Received: from a by b; Fri, 1 Jan 2027 00:00:00 +0000\r\n".repeat(101);
    try (SmtpClient client = connect(0)) {
      String message = header + MailflowFixture.message(FRIEND, "Loop");
      assertThat(sendText(client, message, "anna@example.test")).startsWith("554 5.4.6");
      assertThat(flow.inbox(flow.core.anna())).isEmpty();
    }
  }

  @Test
  void aFloodOfHeaderFieldsIsCarriedLikeAnyOtherMessage() throws Exception {
    StringBuilder flood = new StringBuilder();
    for (int i = 0; i < 20_000; i++) flood.append("X-Flood-").append(i).append(": y\r\n");
    String message = flood + MailflowFixture.message(FRIEND, "Flood");
    try (SmtpClient client = connect(0)) {
      assertThat(sendText(client, message, "team@example.test")).startsWith("250");
    }
    flow.settle();
    assertThat(flow.inbox(flow.core.carl()).getFirst()).endsWith(message);
  }

  @Test
  void lmtpAnswersEachRecipient() throws Exception {
    flow.core.mailbox(flow.core.bert()).changeQuota(100);
    InetSocketAddress address = server.orElseThrow().addresses().get(1);
    ClientSettings settings =
        ClientSettings.standard("client.example", SSLContext.getDefault())
            .with(ClientSettings.Tls.NONE)
            .toLmtp();
    try (SmtpClient client = SmtpClient.connect(address, "localhost", settings)) {
      Delivery delivery =
          client.send(
              MailFrom.of(Optional.of(EmailAddress.parse(FRIEND))),
              List.of(to("anna@example.test"), to("bert@example.test"), to("carl@example.test")),
              content(MailflowFixture.message(FRIEND, "L") + "x".repeat(200)));
      assertThat(delivery.outcomes().stream().map(o -> o.reply().code()).toList())
          .containsExactly(250, 552, 250);
    }
    flow.settle();
    assertThat(flow.inbox(flow.core.carl())).hasSize(1);
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void manySessionsAtOnceLoseNothing() throws Exception {
    int sessions = 8;
    int each = 10;
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(sessions);
    for (int s = 0; s < sessions; s++) {
      int session = s;
      Thread.ofVirtual()
          .start(() -> {
            try (SmtpClient client = connect(0)) {
              for (int i = 0; i < each; i++) {
                String to = i % 2 == 0 ? "team@example.test" : "bert@example.test";
                assertThat(send(client, session + "-" + i, to)).startsWith("250");
              }
            } catch (Exception | AssertionError e) {
              failures.add(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    assertThat(failures).isEmpty();
    flow.settle();
    assertThat(flow.inbox(flow.core.bert())).hasSize(sessions * each).doesNotHaveDuplicates();
    assertThat(flow.inbox(flow.core.carl())).hasSize(sessions * each / 2).doesNotHaveDuplicates();
    flow.checkQueueEmpty();
  }

  private SmtpClient connect(int listenerIndex) throws Exception {
    ClientSettings settings =
        ClientSettings.standard("client.example", SSLContext.getDefault())
            .with(ClientSettings.Tls.NONE);
    return SmtpClient.connect(
        server.orElseThrow().addresses().get(listenerIndex), "localhost", settings);
  }

  private static String send(SmtpClient client, String subject, String to) throws IOException {
    return sendText(client, MailflowFixture.message(FRIEND, subject), to).substring(0, 3);
  }

  private static String sendText(SmtpClient client, String text, String to) throws IOException {
    Delivery delivery =
        client.send(
            MailFrom.of(Optional.of(EmailAddress.parse(FRIEND))), List.of(to(to)), content(text));
    return delivery.outcomes().getFirst().reply().toString();
  }

  private static RcptTo to(String address) {
    return RcptTo.of(EmailAddress.parse(address));
  }

  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static SmtpServerSettings.Listener listener(SessionFacts.Kind kind) {
    return new SmtpServerSettings.Listener(
        kind, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false);
  }
}
