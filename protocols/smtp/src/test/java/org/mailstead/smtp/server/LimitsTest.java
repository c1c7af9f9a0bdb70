package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.smtp.TestServer;
import org.mailstead.smtp.Waiting;
import org.mailstead.smtp.wire.SmtpLimits;
import org.mailstead.smtp.wire.SmtpLimits.Counts;
import org.mailstead.smtp.wire.SmtpLimits.Sizes;
import org.mailstead.smtp.wire.SmtpLimits.Times;

/// Every limit of [SmtpLimits] is met here, or named with the test that meets it: authLineBytesMax
/// and loginFailuresMax in submission.txt, sessions in [HostilePeersTest], stop in [StopTest].
final class LimitsTest {
  private static final SmtpLimits STANDARD = SmtpLimits.standard();

  private static Times times(Duration idle, Duration command, Duration dataIdle, Duration data) {
    return new Times(
        idle,
        command,
        dataIdle,
        data,
        Duration.ofSeconds(60),
        Duration.ofSeconds(30),
        Duration.ofHours(1),
        Duration.ofSeconds(1));
  }

  @Test
  void aCommandLineOf2048OctetsIsReadAndALongerOneRefused() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      var _ = peer.line("NOOP " + "x".repeat(2048 - 7)).expect("250 ");
      var _ = peer.line("NOOP " + "x".repeat(2048 - 6)).expect("500 5.5.2");
      var _ = peer.line("NOOP " + "x".repeat(20_000)).expect("500 5.5.2");
      var _ = peer.line("NOOP").expect("250 ");
    }
  }

  @Test
  void aLineWithoutEndEndsTheSession() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      var _ = peer.send("x".repeat(70_000));
      var _ = peer.expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  @DisplayName("LIM-1: recipient 501 of a message hears 452 4.5.3, and the others are served")
  void recipientsMax() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      var commands = new StringBuilder("MAIL FROM:<a@example.com>\r\n");
      for (int i = 0; i < 501; i++) commands.append("RCPT TO:<u" + i + "@example.org>\r\n");
      var _ = peer.send(commands.toString()).expect("250 2.1.0");
      for (int i = 0; i < 500; i++) {
        var _ = peer.expect("250 2.1.5");
      }
      var _ = peer.expect("452 4.5.3").line("DATA").expect("354").send("x\r\n.\r\n").expect("250 ");
      assertThat(server.reception().take().recipients()).hasSize(500);
    }
  }

  @Test
  @DisplayName("LIM-1: a message of exactly the limit is taken, one octet more hears 552 5.3.4")
  void messageBytesMaxInData() throws IOException {
    var limits = STANDARD.with(Sizes.standard().withMessageBytesMax(100_000));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      String body = ("x".repeat(998) + "\r\n").repeat(100);
      var _ = peer.line("DATA").expect("354").send(body + ".\r\n").expect("250 2.0.0");
      assertThat(server.reception().take().bytes()).hasSize(100_000);
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA");
      var _ = peer.expect("250").expect("250").expect("354");
      // Stuffed dots do not count.
      var _ = peer.send(".." + body.substring(1) + ".\r\n").expect("250 2.0.0");
      var _ = server.reception().take();
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA");
      var _ = peer.expect("250").expect("250").expect("354");
      var _ = peer.send("y" + body + ".\r\n").expect("552 5.3.4");
      var _ = peer.line("NOOP").expect("250");
      assertThat(server.reception().waitingCount()).isZero();
    }
  }

  @Test
  void aMessageFarBeyondTheLimitIsAnsweredAndTheSessionEnds() throws IOException {
    var limits = STANDARD.with(Sizes.standard().withMessageBytesMax(10_000));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.line("DATA").expect("354").send("x".repeat(60_000));
      var _ = peer.expect("552 5.3.4").expectClosed();
    }
  }

  @Test
  void theLimitCountsOverAllChunksAndAFailedChunkFailsThoseAfterIt() throws IOException {
    var limits = STANDARD.with(Sizes.standard().withMessageBytesMax(10_000));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      String chunk = "BDAT 6000\r\n" + "x".repeat(5998) + "\r\n";
      // RFC 3030 §2: all the chunks were sent before the first answer came.
      var _ = peer.send(chunk + chunk + chunk + "BDAT 6 LAST\r\nQUIT\r\n" + "DATA\r\nRSET\r\n");
      var _ = peer.expect("250 2.0.0 6000").expect("552 5.3.4");
      var _ = peer.expect("503 5.5.1").expect("503 5.5.1").expect("503 5.5.1").expect("250 2.0.0");
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>");
      var _ = peer.expect("250").expect("250");
      var _ = peer.send("BDAT 3 LAST\r\na\r\n").expect("250 2.0.0");
      assertThat(server.reception().take().text()).isEqualTo("a\r\n");
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>");
      var _ = peer.expect("250").expect("250");
      var _ = peer.send("BDAT 12000 LAST\r\n" + "x".repeat(12_000)).expect("552 5.3.4");
      var _ = peer.line("NOOP").expect("250");
    }
  }

  @Test
  void aTextLineBeyondItsLimitRefusesTheMessage() throws IOException {
    var limits = STANDARD.with(Sizes.standard().withTextLineBytesMax(1000));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.line("DATA").expect("354").send("x".repeat(998) + "\r\n.\r\n").expect("250");
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA");
      var _ = peer.expect("250").expect("250").expect("354");
      var _ = peer.send("x".repeat(999) + "\r\n.\r\n").expect("550 5.6.0");
    }
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.line("DATA").expect("354");
      var _ = peer.send("x".repeat(1024 * 1024) + "\r\n.\r\n").expect("550 5.6.0");
    }
  }

  @Test
  void aHundredReceivedFieldsAreTakenAndOneMoreIsALoop() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      String received = "received : no\r\nRECEIVED: from a by b;\r\n\tfolded\r\n".repeat(100);
      var _ = peer.line("DATA").expect("354");
      var _ = peer.send(received + "Subject: x\r\n\r\nReceived: in the body\r\n.\r\n");
      var _ = peer.expect("250");
      assertThat(server.reception().take().receivedCount()).isEqualTo(100);
      var _ = peer.line("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA");
      var _ = peer.expect("250").expect("250").expect("354");
      var _ = peer.send("Received: x\r\n" + received + "\r\nx\r\n.\r\n").expect("554 5.4.6");
    }
  }

  @Test
  void twentyBadCommandsEndTheSession() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      for (int i = 0; i < 20; i++) {
        var _ = peer.line("BOGUS").expect("500 5.5.1");
      }
      var _ = peer.expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  void commandsThatMoveNothingEndTheSessionUnlessMessagesComeInBetween() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.send("NOOP\r\n".repeat(199));
      for (int i = 0; i < 199; i++) {
        var _ = peer.expect("250");
      }
      var _ = peer.line("DATA").expect("354").send(".\r\n").expect("250");
      var _ = peer.send("RSET\r\n".repeat(100) + "VRFY x\r\n".repeat(101));
      for (int i = 0; i < 200; i++) {
        var _ = peer.expect("25");
      }
      var _ = peer.expect("421 4.7.0").expectClosed();
    }
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.send("BDAT 0\r\n".repeat(200));
      for (int i = 0; i < 199; i++) {
        var _ = peer.expect("250");
      }
      var _ = peer.expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  void aHundredRejectedRecipientsEndTheSession() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      var _ = peer.line("MAIL FROM:<a@example.com>").expect("250");
      for (int i = 0; i < 100; i++) {
        var _ = peer.line("RCPT TO:<unknown@example.org>").expect("550 5.1.1");
      }
      var _ = peer.expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  void transactionsPerSessionAreCounted() throws IOException {
    try (var server = TestServer.start(STANDARD.with(Counts.standard().withTransactionsMax(2)));
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      for (int i = 0; i < 2; i++) {
        var _ = peer.line("MAIL FROM:<a@example.com>").expect("250").line("RSET").expect("250");
      }
      var _ = peer.line("MAIL FROM:<a@example.com>").expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  void messagesBeyondTheMemoryLimitGoStraightToFiles() throws IOException {
    var counts = new Counts(500, 100, 20, 200, 100, 3, 1000, 100, 100, 1);
    try (var server = TestServer.start(STANDARD.with(counts));
        var first = server.connect(TestServer.INBOUND).withRecipient();
        var second = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = first.line("DATA").expect("354").line("one");
      var _ = second.line("DATA").expect("354").line("two");
      Waiting.until("the second message is in a file", () -> spooled(server) == 1);
      var _ = first.line(".").expect("250");
      var _ = second.line(".").expect("250");
      assertThat(server.reception().take().text()).isEqualTo("one\r\n");
      assertThat(server.reception().take().text()).isEqualTo("two\r\n");
      assertThat(spooled(server)).isZero();
    }
  }

  private static long spooled(TestServer server) {
    try {
      return server.spooledCount();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aMessageLargerThanSpoolMemoryGoesThroughAFile() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      String body = "0123456789abcdef\r\n".repeat(100_000);
      var _ = peer.line("DATA").expect("354").send(body + ".\r\n").expect("250");
      assertThat(server.reception().take().text()).isEqualTo(body);
      assertThat(server.spooledCount()).isZero();
    }
  }

  // ---- times

  @Test
  void aSilentPeerHears421() throws IOException {
    var limits =
        STANDARD.with(
            times(
                Duration.ofMillis(300),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60)));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).greeted();
        var inTls = server.connect(TestServer.SUBMISSIONS).secured().greeted()) {
      var _ = peer.expect("421 4.4.2").expectClosed();
      var _ = inTls.expect("421 4.4.2");
    }
  }

  @Test
  void aCommandThatDripsInIsCutOff() throws IOException {
    var limits =
        STANDARD.with(
            times(
                Duration.ofSeconds(60),
                Duration.ofMillis(700),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60)));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      drip(peer, "N");
      var _ = peer.expect("421 4.4.2");
    }
  }

  @Test
  void dataThatDripsInIsCutOffThoughItIsNeverSilent() throws IOException {
    var limits =
        STANDARD.with(
            times(
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMillis(1500)));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = peer.line("DATA").expect("354");
      drip(peer, "x");
      var _ = peer.expect("421 4.4.2");
      assertThat(server.reception().waitingCount()).isZero();
    }
  }

  @Test
  void silenceWithinDataIsCutOff() throws IOException {
    var limits =
        STANDARD.with(
            times(
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofMillis(300),
                Duration.ofSeconds(60)));
    try (var server = TestServer.start(limits);
        var peer = server.connect(TestServer.INBOUND).withRecipient();
        var chunks = server.connect(TestServer.INBOUND).withRecipient()) {
      var _ = chunks.line("BDAT 100").send("x");
      var _ = peer.line("DATA").expect("354").line("x").expect("421 4.4.2").expectClosed();
      var _ = chunks.expect("421 4.4.2").expectClosed();
    }
  }

  /// Sends an octet every tenth of a second until an answer comes.
  private static void drip(org.mailstead.smtp.TestPeer peer, String octet) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (peer.isQuiet()) {
      assertThat(System.nanoTime() - end).isNegative();
      try {
        var _ = peer.send(octet);
      } catch (IOException e) {
        return;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
  }

  @Test
  void aSessionMayNotLastForEver() throws IOException {
    var times =
        new Times(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(200),
            Duration.ofSeconds(1));
    try (var server = TestServer.start(STANDARD.with(times));
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      long start = System.nanoTime();
      Waiting.until("time passes", () -> System.nanoTime() - start > 250_000_000);
      // The limit is looked at between commands.
      var _ = peer.line("NOOP").expect("250").expect("421 4.7.0").expectClosed();
    }
  }

  @Test
  void aHandshakeThatNeverComesIsCutOff() throws IOException {
    var times =
        new Times(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(300),
            Duration.ofHours(1),
            Duration.ofSeconds(1));
    try (var server = TestServer.start(STANDARD.with(times));
        var silent = server.connect(TestServer.SUBMISSIONS);
        var started = server.connect(TestServer.INBOUND).greeted();
        var garbage = server.connect(TestServer.SUBMISSIONS)) {
      var _ = silent.expectClosed();
      var _ = started.line("STARTTLS").expect("220").expectClosed();
      var _ = garbage.line("EHLO in plain text");
      Waiting.until("all are gone", () -> server.server().sessionCount() == 0);
    }
  }
}
