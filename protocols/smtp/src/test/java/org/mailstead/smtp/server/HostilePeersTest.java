package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.smtp.RecordingReception;
import org.mailstead.smtp.TestPeer;
import org.mailstead.smtp.TestServer;
import org.mailstead.smtp.Waiting;
import org.mailstead.smtp.wire.SmtpLimits;
import org.mailstead.smtp.wire.SmtpLimits.Counts;
import org.mailstead.smtp.wire.SmtpLimits.Times;

final class HostilePeersTest {
  private static final SmtpLimits STANDARD = SmtpLimits.standard();

  @Test
  void aPeerThatNeverReadsIsCutOffAndCostsOnlyItself() throws IOException {
    var times =
        new Times(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofHours(1),
            Duration.ofSeconds(1));
    var counts = new Counts(500, 100, 20, 100_000_000, 100, 3, 1000, 100, 100, 100);
    try (var server = TestServer.start(STANDARD.with(times).with(counts));
        var deaf = new Socket()) {
      deaf.setReceiveBufferSize(4096);
      deaf.connect(server.address(TestServer.INBOUND));
      var sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] help = "HELP\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
                try {
                  while (true) deaf.getOutputStream().write(help);
                } catch (IOException e) {
                  // Cut off, as it should be.
                }
              });
      try (var other = server.connect(TestServer.INBOUND).withRecipient()) {
        var _ = other.line("DATA").expect("354").send("x\r\n.\r\n").expect("250");
        Waiting.until("the deaf peer is cut off", () -> server.server().sessionCount() == 1);
        var _ = other.line("NOOP").expect("250");
      }
      Waiting.until("its sender noticed", () -> !sender.isAlive());
    }
  }

  @Test
  void oneAddressMayHoldOnlySoManySessions() throws IOException {
    var limits = STANDARD.with(Counts.standard().withSessions(100, 3));
    try (var server = TestServer.start(limits)) {
      List<TestPeer> peers = new ArrayList<>();
      for (int i = 0; i < 3; i++) peers.add(server.connect(TestServer.INBOUND).greeted());
      try (var fourth = server.connect(TestServer.INBOUND);
          var lmtp = server.connect(TestServer.LMTP);
          var tls = server.connect(TestServer.SUBMISSIONS)) {
        var _ = fourth.expect("421 4.7.0").expectClosed();
        var _ = lmtp.expect("421 4.7.0").expectClosed();
        var _ = tls.expectClosed();
      }
      var _ = peers.getFirst().line("QUIT").expect("221");
      Waiting.until("one has left", () -> server.server().sessionCount() == 2);
      try (var again = server.connect(TestServer.INBOUND)) {
        var _ = again.greeted();
      }
      for (TestPeer peer : peers) peer.close();
    }
  }

  @Test
  void allSessionsTogetherAreBounded() throws IOException {
    var limits = STANDARD.with(Counts.standard().withSessions(2, 100));
    try (var server = TestServer.start(limits);
        var first = server.connect(TestServer.INBOUND).greeted();
        var second = server.connect(TestServer.INBOUND).greeted();
        var third = server.connect(TestServer.INBOUND)) {
      var _ = third.expect("421 4.7.0").expectClosed();
      var _ = first.line("NOOP").expect("250");
      var _ = second.line("NOOP").expect("250");
    }
  }

  @Test
  void tenThousandConnectionsAreHeldAndAnsweredAtOnce() throws IOException {
    int wanted = 10_000;
    int count = Math.min(wanted, openFilesLeft() / 2 - 200);
    if (count < wanted)
      System.out.println("only " + count + " connections: open files are bounded");
    var limits = STANDARD.with(Counts.standard().withSessions(20_000, 20_000));
    List<TestPeer> peers = new ArrayList<>();
    try (var server = TestServer.start(limits)) {
      try {
        for (int i = 0; i < count; i++) {
          peers.add(server.connect(TestServer.INBOUND));
          // The listen queue is bounded by the system: look now and then that nobody waits there.
          if (i % 500 == 499) {
            var _ = peers.getLast().greeted();
          }
        }
        Waiting.until("all are held", () -> server.server().sessionCount() == peers.size());
        long start = System.nanoTime();
        try (var late = server.connect(TestServer.INBOUND).withRecipient()) {
          var _ = late.line("DATA").expect("354").send("x\r\n.\r\n").expect("250");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        for (int i = 0; i < peers.size(); i += 997) {
          TestPeer peer = peers.get(i);
          var _ = i % 500 == 499 ? peer : peer.expect("220");
          var _ = peer.line("EHLO x").expect("250-");
        }
      } finally {
        for (TestPeer peer : peers) peer.close();
      }
      Waiting.until("all are gone", () -> server.server().sessionCount() == 0);
    }
  }

  private static int openFilesLeft() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
      return (int)
          Math.min(100_000, unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount());
    }
    return 1000;
  }

  @Test
  void noiseNeverBreaksASession() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("noiseNeverBreaksASession: seed " + seed);
    var random = new Random(seed);
    String[] words = {
      "EHLO x\r\n",
      "MAIL FROM:<a@b.c>",
      " SIZE=",
      "\r\n",
      "\n",
      "\r",
      "\0",
      "RCPT TO:<b@example.org>",
      "DATA\r\n",
      ".\r\n",
      "\r\n.\r\n",
      "BDAT 5",
      " LAST\r\n",
      "RSET\r\n",
      "QUIT\r\n",
      "AUTH PLAIN ",
      "=",
      "<>",
      "\"",
      "\\",
      "\u00ff\u00fe",
      "x".repeat(3000),
      "NOOP\r\n",
      "HELO y\r\n",
      "VRFY z\r\n"
    };
    try (var server = TestServer.start()) {
      for (int i = 0; i < 200; i++) {
        try (var peer = server.connect(random.nextInt(2) * TestServer.LMTP)) {
          try {
            for (int j = 0; j < 60; j++) {
              var _ = peer.send(words[random.nextInt(words.length)]);
            }
            peer.socket().shutdownOutput();
            String line;
            do {
              line = peer.readLine();
              assertThat(line).matches("\\{closed}|[2-5]\\d\\d[ -][ -~]*(\\{closed})?");
            } while (!line.endsWith("{closed}"));
          } catch (IOException e) {
            // The server closed first.
          }
        }
      }
      Waiting.until("all sessions end", () -> server.server().sessionCount() == 0);
      assertThat(server.server().bugCount()).isZero();
    }
  }

  @Test
  void aPeerThatVanishesWithinDataLeavesNothing() throws IOException {
    try (var server = TestServer.start()) {
      for (String begun :
          new String[] {"DATA\r\nabc\r\n", "DATA\r\nabc\r\n.\r", "BDAT 10\r\nabc"}) {
        try (var peer = server.connect(TestServer.INBOUND).withRecipient()) {
          var _ = peer.send(begun);
        }
      }
      Waiting.until("all sessions end", () -> server.server().sessionCount() == 0);
      assertThat(server.reception().waitingCount()).isZero();
      assertThat(server.reception().openCount()).isZero();
    }
  }

  @Test
  void aBugOfReceptionIsATemporaryErrorAndEndsOnlyThatSession() throws IOException {
    try (var server = TestServer.start();
        var other = server.connect(TestServer.INBOUND).greeted();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      server.expectBugs(1);
      var _ = peer.line("MAIL FROM:<a@example.com>").expect("250");
      var _ = peer.line("RCPT TO:<bug@example.org>").expect("451 4.3.0 Internal error");
      var _ = peer.expectClosed();
      var _ = other.line("NOOP").expect("250");
    }
  }

  @Test
  void verdictsForEachRecipientOverSmtpAreABug() throws IOException {
    try (var server = TestServer.start();
        var peer = server.connect(TestServer.INBOUND).greeted()) {
      server.expectBugs(1);
      var _ = peer.line("MAIL FROM:<a@example.com>").expect("250");
      var _ = peer.line("RCPT TO:<each@example.org>").expect("250").line("DATA").expect("354");
      var _ = peer.send("x\r\n.\r\n").expect("451 4.3.0").expectClosed();
    }
  }

  @Test
  void loginInPlainTextIsForThisMachineOnlyAndOnlyBySetting() throws IOException {
    try (var server =
            TestServer.start(old ->
                new SmtpServerSettings(
                    old.hostName(),
                    old.listeners(),
                    old.limits(),
                    old.bareLineEnds(),
                    true,
                    old.spoolFolder(),
                    old.spoolMemoryBytesMax()));
        var peer = server.connect(TestServer.SUBMISSION)) {
      assertThat(InetAddress.getLoopbackAddress().isLoopbackAddress()).isTrue();
      assertThat(peer.expect("220").line("EHLO x").readReply()).contains("|250-AUTH PLAIN LOGIN|");
      var _ = peer.line("AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==").expect("235");
      var _ = peer.line("MAIL FROM:<alice@example.org>").expect("250");
    }
  }

  @Test
  void whoMayNoLongerComeInIsToldSoAtTheNextCommandAndBeforeAMessageIsTaken() throws IOException {
    try (var server = plainLogins();
        var waiting = server.connect(TestServer.SUBMISSION);
        var sending = server.connect(TestServer.SUBMISSION)) {
      for (var peer : new TestPeer[] {waiting, sending}) {
        var _ = peer.expect("220").line("EHLO x").readReply();
        var _ = peer.line("AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==").expect("235");
        var _ = peer.line("MAIL FROM:<alice@example.org>").expect("250");
        var _ = peer.line("RCPT TO:<bob@example.org>").expect("250");
      }
      var _ = sending.line("DATA").expect("354");
      server.endAccess();
      var _ = waiting.line("RSET").expect("421 4.7.0");
      assertThat(waiting.readLine()).isEqualTo("{closed}");
      var _ = sending.line("Subject: x\r\n\r\nx\r\n.").expect("550 5.7.0");
      var _ = sending.line("NOOP").expect("421 4.7.0");
      assertThat(server.reception().waitingCount()).isZero();
    }
  }

  private static TestServer plainLogins() throws IOException {
    return TestServer.start(old ->
        new SmtpServerSettings(
            old.hostName(),
            old.listeners(),
            old.limits(),
            old.bareLineEnds(),
            true,
            old.spoolFolder(),
            old.spoolMemoryBytesMax()));
  }

  @Test
  void aCertificateThatCannotBeReadIsATemporaryErrorAndTheSessionGoesOn() throws IOException {
    Path spool = Files.createTempDirectory("smtp-spool");
    var settings =
        new SmtpServerSettings(
            "mx.example.org",
            List.of(
                new SmtpServerSettings.Listener(
                    SessionFacts.Kind.INBOUND,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    false)),
            STANDARD,
            SmtpServerSettings.BareLineEnds.NORMALIZE,
            false,
            spool,
            1000);
    Supplier<SSLContext> unreadable =
        () -> {
          throw new UnavailableException("cannot read the certificate", Duration.ofSeconds(1));
        };
    try (var server =
            SmtpServer.start(
                settings,
                new RecordingReception(),
                TestServer.login(),
                Optional.of(unreadable),
                InstantSource.system());
        var peer = new TestPeer(server.addresses().getFirst()).greeted()) {
      var _ = peer.line("STARTTLS").expect("454 4.7.0").line("NOOP").expect("250");
      assertThat(server.bugCount()).isZero();
    }
    Files.delete(spool);
  }

  @Test
  void aTakenPortIsReportedAndLeavesNoListener() throws IOException {
    try (var server = TestServer.start()) {
      InetSocketAddress taken = server.address(TestServer.INBOUND);
      org.assertj.core.api.Assertions.assertThatThrownBy(() ->
              TestServer.start(old ->
                  new SmtpServerSettings(
                      old.hostName(),
                      List.of(
                          new SmtpServerSettings.Listener(SessionFacts.Kind.INBOUND, taken, false)),
                      old.limits(),
                      old.bareLineEnds(),
                      false,
                      old.spoolFolder(),
                      old.spoolMemoryBytesMax())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(taken.getPort()));
    }
  }
}
