package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.imap.wire.ImapLimits;

/// What a hostile peer may try: each meets its limit, and the server stays well.
@Timeout(60)
final class HostileTest {
  @TempDir Path temp = Path.of(".");

  /// A bare connection.
  private static final class Raw implements AutoCloseable {
    final Socket socket;
    final BufferedReader in;
    final OutputStream out;

    Raw(ImapFixture fixture) throws IOException {
      socket = new Socket(fixture.address().getAddress(), fixture.address().getPort());
      socket.setSoTimeout(20_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      out = socket.getOutputStream();
      // The greeting.
      assertThat(in.readLine()).startsWith("* OK");
    }

    Raw login() throws IOException {
      assertThat(ask("x LOGIN ann " + ImapFixture.PASSWORD, "x ")).startsWith("x OK");
      return this;
    }

    void send(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    /// Sends a line and reads up to the line that begins so.
    String ask(String line, String until) throws IOException {
      send(line + "\r\n");
      return readTo(until);
    }

    String readTo(String until) throws IOException {
      while (true) {
        String line = in.readLine();
        if (line == null) return "closed";
        if (line.startsWith(until)) return line;
      }
    }

    boolean isClosed() throws IOException {
      try {
        while (in.readLine() != null) {}
        return true;
      } catch (SocketException e) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private ImapFixture fixture(ImapLimits limits) {
    return new ImapFixture(temp, limits, true, Optional.empty());
  }

  @Test
  void literalsBeforeLoginAreBoundedAndUnaskedOnesAreSkipped() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture)) {
      int max = ImapLimits.STANDARD.literalBytesMaxBeforeLogin();
      assertThat(raw.ask("a LOGIN {" + (max + 1) + "}", "a ")).startsWith("a NO [TOOBIG]");
      raw.send("b LOGIN {" + (max + 1) + "+}\r\n" + "x".repeat(max + 1) + " secret\r\n");
      assertThat(raw.readTo("b ")).startsWith("b NO [TOOBIG]");
      assertThat(raw.ask("c NOOP", "c ")).startsWith("c OK");
      assertThat(raw.ask("d LOGIN {999999999+}", "* BYE")).startsWith("* BYE");
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void aPasswordOfExactlyTheLiteralLimitIsRead() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture)) {
      int max = ImapLimits.STANDARD.literalBytesMaxBeforeLogin();
      raw.send("b LOGIN ann {" + max + "+}\r\n" + "x".repeat(max) + "\r\n");
      assertThat(raw.readTo("b ")).startsWith("b NO [AUTHENTICATIONFAILED]");
    }
  }

  @Test
  void refusedLiteralPlusMessagesAreSkippedAndHugeOnesEndTheConnection() throws IOException {
    ImapLimits limits = ImapLimits.STANDARD.withAppendBytesMax(1000);
    try (ImapFixture fixture = fixture(limits);
        Raw raw = new Raw(fixture).login()) {
      raw.send("a APPEND INBOX {1001+}\r\n" + "x".repeat(1001) + "\r\n");
      assertThat(raw.readTo("a ")).startsWith("a NO [TOOBIG]");
      assertThat(raw.ask("b NOOP", "b ")).startsWith("b OK");
      long tooMuch = limits.skippedBytesMax() + 1;
      assertThat(raw.ask("c APPEND INBOX {" + tooMuch + "+}", "* BYE")).startsWith("* BYE");
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void longLinesAreRefusedBeforeAndAfterLogin() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture)) {
      int before = ImapLimits.STANDARD.lineBytesMaxBeforeLogin();
      assertThat(raw.ask("a NOOP" + " ".repeat(before), "a ")).startsWith("a BAD");
      raw.login();
      assertThat(raw.ask("b NOOP" + " ".repeat(before), "b ")).startsWith("b OK");
      int after = ImapLimits.STANDARD.lineBytesMax();
      assertThat(raw.ask("c NOOP" + " ".repeat(after), "c ")).startsWith("c BAD");
      assertThat(raw.ask("d NOOP", "d ")).startsWith("d OK");
      assertThat(raw.ask("e " + "x".repeat(17 * after), "* BYE")).startsWith("* BYE");
    }
  }

  @Test
  void setsOfOneHundredThousandRangesWouldNeedALineThatIsNotTaken() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture).login()) {
      fixture.append("ann", "INBOX", ImapFixture.message(1), 0);
      raw.ask("a SELECT INBOX", "a ");
      StringBuilder set = new StringBuilder("1");
      for (int i = 1; i < 30_000; i++) set.append(",1");
      assertThat(raw.ask("b UID FETCH " + set + " (FLAGS)", "b ")).startsWith("b OK");
      for (int i = 30_000; i < 100_001; i++) set.append(",1");
      assertThat(raw.ask("c UID FETCH " + set + " (FLAGS)", "c ")).startsWith("c BAD");
      assertThat(raw.ask("d NOOP", "d ")).startsWith("d OK");
    }
  }

  @Test
  void searchNestingIsBounded() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture).login()) {
      fixture.append("ann", "INBOX", ImapFixture.message(1), 0);
      raw.ask("a SELECT INBOX", "a ");
      int depth = ImapLimits.STANDARD.searchDepthMax();
      String deepest = "(".repeat(depth) + "ALL" + ")".repeat(depth);
      assertThat(raw.ask("b SEARCH " + deepest, "b ")).startsWith("b OK");
      assertThat(raw.ask("c SEARCH (" + deepest + ")", "c ")).startsWith("c BAD");
      assertThat(raw.ask("d SEARCH " + "NOT ".repeat(10_000) + "ALL", "d ")).startsWith("d BAD");
      assertThat(raw.ask("e SEARCH " + "ALL ".repeat(10_001) + "ALL", "e ")).startsWith("e BAD");
      assertThat(raw.ask("f NOOP", "f ")).startsWith("f OK");
    }
  }

  @Test
  void oneKeywordTooManyIsRefusedAndChangesNothing() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture).login()) {
      fixture.append("ann", "INBOX", ImapFixture.message(1), 0);
      raw.ask("a SELECT INBOX", "a ");
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < org.mailstead.core.mailbox.Flags.KEYWORD_COUNT_MAX; i++) {
        all.append(i == 0 ? "k" : " k").append(i);
      }
      assertThat(raw.ask("b STORE 1 +FLAGS.SILENT (" + all + ")", "b ")).startsWith("b OK");
      assertThat(raw.ask("c STORE 1 +FLAGS (more \\Seen)", "c ")).startsWith("c NO [LIMIT]");
      assertThat(raw.ask("d SEARCH SEEN", "* SEARCH")).isEqualTo("* SEARCH");
    }
  }

  @Test
  void patternsOfManyWildcardsCostLittleAndLongOnesAreRefused() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture).login()) {
      raw.ask("a CREATE " + "a".repeat(200), "a ");
      String pattern = "*a".repeat(450) + "b";
      assertThat(raw.ask("b LIST \"\" " + pattern, "b ")).startsWith("b OK");
      String tooLong = "*a".repeat(600);
      assertThat(raw.ask("c LIST \"\" " + tooLong, "c ")).startsWith("c BAD");
    }
  }

  @Test
  void manyBadCommandsEndTheConnection() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw raw = new Raw(fixture).login()) {
      for (int i = 0; i < ImapLimits.STANDARD.badCountMax(); i++) raw.send("a FOO\r\n");
      assertThat(raw.readTo("* BYE")).startsWith("* BYE");
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void manyFailedLoginsAndManyCommandsWithoutLoginEndTheConnection() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Raw failing = new Raw(fixture);
        Raw busy = new Raw(fixture)) {
      for (int i = 0; i < ImapLimits.STANDARD.loginFailureCountMax(); i++) {
        failing.send("a LOGIN ann wrong\r\n");
      }
      assertThat(failing.readTo("* BYE")).startsWith("* BYE");
      for (int i = 0; i <= ImapLimits.STANDARD.commandCountMaxBeforeLogin(); i++) {
        busy.send("a NOOP\r\n");
      }
      assertThat(busy.readTo("* BYE")).startsWith("* BYE");
    }
  }

  @Test
  void whoDoesNotLogInOrIsSilentIsSentAwayPolitely() throws IOException {
    ImapLimits limits =
        ImapLimits.STANDARD.withTimeouts(
            Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofSeconds(60));
    try (ImapFixture fixture = fixture(limits);
        Raw stranger = new Raw(fixture);
        Raw silent = new Raw(fixture).login();
        Raw idle = new Raw(fixture).login()) {
      idle.send("a IDLE\r\n");
      assertThat(stranger.readTo("* BYE")).contains("no login in time");
      assertThat(silent.readTo("* BYE")).contains("idle for too long");
      assertThat(idle.readTo("* BYE")).contains("idle for too long");
      await(() -> fixture.server().sessionCount() == 0);
    }
  }

  @Test
  void aClientThatNeverReadsIsDroppedAndOthersDoNotNotice() throws IOException {
    ImapLimits limits =
        ImapLimits.STANDARD.withTimeouts(
            Duration.ofMinutes(1), Duration.ofMinutes(30), Duration.ofMillis(500));
    try (ImapFixture fixture = fixture(limits);
        Raw deaf = new Raw(fixture).login();
        Raw other = new Raw(fixture).login()) {
      String body = "x".repeat(76).concat("\r\n").repeat(100_000);
      fixture.append("ann", "INBOX", "Subject: big\r\n\r\n" + body, 0);
      deaf.send("a SELECT INBOX\r\n");
      for (int i = 0; i < 10; i++) deaf.send("b FETCH 1 (BODY.PEEK[])\r\n");
      assertThat(other.ask("c SELECT INBOX", "c ")).startsWith("c OK");
      assertThat(other.ask("d STORE 1 +FLAGS (\\Seen)", "d ")).startsWith("d OK");
      await(() -> fixture.server().sessionCount() == 1);
      assertThat(other.ask("e NOOP", "e ")).startsWith("e OK");
    }
  }

  @Test
  void connectionsOfOneAddressAreBoundedWithAGoodbye() throws IOException {
    // Ten thousand attempts, one hundred allowed at once.
    ImapLimits limits = ImapLimits.STANDARD.withSessionCounts(1_000, 100);
    try (ImapFixture fixture = fixture(limits)) {
      List<Raw> kept = new ArrayList<>();
      for (int i = 0; i < 100; i++) kept.add(new Raw(fixture));
      int refused = 0;
      for (int i = 0; i < 9_900; i++) {
        try (Socket socket =
            new Socket(fixture.address().getAddress(), fixture.address().getPort())) {
          byte[] first = socket.getInputStream().readNBytes(5);
          if (new String(first, StandardCharsets.US_ASCII).equals("* BYE")) refused++;
        }
      }
      assertThat(refused).isEqualTo(9_900);
      assertThat(fixture.server().sessionCount()).isEqualTo(100);
      kept.getFirst().login().close();
      await(() -> fixture.server().sessionCount() == 99);
      try (Raw next = new Raw(fixture)) {
        next.login();
      }
      for (Raw raw : kept) raw.close();
    }
  }

  @Test
  void aConnectionCutInsideALiteralLeavesNothingBehind() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp)) {
      try (Raw raw = new Raw(fixture).login()) {
        raw.send("a APPEND INBOX {1000000+}\r\nSubject: half");
      }
      await(() -> fixture.server().sessionCount() == 0);
      try (Raw raw = new Raw(fixture).login()) {
        assertThat(raw.ask("b STATUS INBOX (MESSAGES)", "* STATUS")).contains("MESSAGES 0");
      }
      try (var files = java.nio.file.Files.list(temp)) {
        assertThat(files.filter(file -> !file.endsWith("keys"))).isEmpty();
      }
    }
  }
}
