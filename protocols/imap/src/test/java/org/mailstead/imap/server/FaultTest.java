package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.MailboxId;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxLimits;
import org.mailstead.core.mailbox.MailboxRestore;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.Store;
import org.mailstead.store.TestClock;

/// What a session does when something below it fails or comes to its end.
@Timeout(120)
final class FaultTest {
  private static final InstantSource FIXED = InstantSource.fixed(ImapFixture.NOW);

  @TempDir Path temp = Path.of(".");

  /// One connection; answers are whole responses up to the tagged line.
  private static final class Peer implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private int tagCount;

    Peer(ImapFixture fixture, String user) throws IOException {
      socket = new Socket(fixture.address().getAddress(), fixture.address().getPort());
      socket.setSoTimeout(60_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      assertThat(in.readLine()).startsWith("* OK");
      assertThat(ask("LOGIN " + user + " " + ImapFixture.PASSWORD)).contains("OK [CAPABILITY");
    }

    String ask(String command) throws IOException {
      String tag = "t" + ++tagCount + " ";
      socket
          .getOutputStream()
          .write((tag + command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      StringBuilder all = new StringBuilder();
      while (true) {
        String line = in.readLine();
        if (line == null) throw new IOException("closed after " + command + ": " + all);
        if (line.startsWith(tag)) return all.append(line.substring(tag.length())).toString();
        all.append(line).append('\n');
      }
    }

    String append(String text) throws IOException {
      return ask("APPEND INBOX {" + text.length() + "+}\r\n" + text);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /// Larger than what rides in a commit, so that it is a blob.
  private static String large(int number) {
    return "Subject: number "
        + number
        + "\r\n\r\nneedle "
        + ("line of " + number + "\r\n").repeat(2_000);
  }

  @Test
  @DisplayName("A damaged blob costs its own message; the session and all others go on")
  void aDamagedBlobCostsItsOwnMessage() throws IOException {
    AtomicReference<DamagingStore> store = new AtomicReference<>();
    try (ImapFixture fixture = new ImapFixture(temp, inner -> keep(store, inner), FIXED);
        Peer peer = new Peer(fixture, "ann")) {
      fixture.grantFullAccess("bob", "ann");
      assertThat(peer.append(large(1))).startsWith("OK");
      store.get().mark();
      assertThat(peer.append(large(2))).startsWith("OK");
      store.get().damageNewest();
      assertThat(peer.append(large(3))).startsWith("OK");
      assertThat(peer.ask("SELECT INBOX")).contains("* 3 EXISTS");
      for (String item : List.of("BODY.PEEK[]", "BODY.PEEK[TEXT]", "BINARY.PEEK[1]")) {
        String answer = peer.ask("FETCH 1:3 (UID " + item + ")");
        assertThat(answer).as(item).contains("line of 1", "line of 3", "\nNO [CORRUPTION]");
        assertThat(answer).as(item).doesNotContain("line of 2", "* 2 FETCH");
      }
      assertThat(peer.ask("FETCH 1:3 (FLAGS ENVELOPE)")).contains("number 2", "\nOK");
      assertThat(peer.ask("SEARCH TEXT needle")).contains("* SEARCH 1 3\nOK");
      for (String command : List.of("COPY", "MOVE")) {
        String answer = peer.ask(command + " 1:3 \"Other Users/bob@example.com/INBOX\"");
        assertThat(answer).as(command).startsWith("NO [CORRUPTION]");
        assertThat(inbox(fixture, "bob").count()).isZero();
      }
      assertThat(peer.ask("STORE 1:3 +FLAGS.SILENT (\\Seen)")).startsWith("OK");
      assertThat(peer.ask("CREATE x")).startsWith("OK");
      assertThat(peer.ask("COPY 1:3 x")).startsWith("OK [COPYUID");
      assertThat(peer.ask("NOOP")).startsWith("OK");
    }
  }

  private static Store keep(AtomicReference<DamagingStore> place, Store inner) {
    DamagingStore store = new DamagingStore(inner);
    place.set(store);
    return store;
  }

  private static FolderView inbox(ImapFixture fixture, String user) {
    Mailbox mailbox = fixture.mailbox(user);
    return mailbox.view(mailbox.inbox());
  }

  @Test
  @DisplayName("The mailbox access log hears of each command once, with what it did")
  void theMailboxAccessLogHearsOfEachCommandOnce() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Peer peer = new Peer(fixture, "ann")) {
      assertThat(peer.append(ImapFixture.message(1))).startsWith("OK");
      assertThat(peer.append(ImapFixture.message(2))).startsWith("OK");
      peer.ask("SELECT INBOX");
      peer.ask("FETCH 1:* (FLAGS)");
      peer.ask("FETCH 1:* (BODY.PEEK[HEADER])");
      peer.ask("FETCH 1 (BODY.PEEK[])");
      peer.ask("STORE 1 +FLAGS (\\Seen)");
      peer.ask("STORE 1 +FLAGS (\\Deleted)");
      peer.ask("COPY 1 Nowhere");
      peer.ask("NOOP");
      peer.ask("CLOSE");
      assertThat(fixture.accesses)
          .extracting(a -> a.action() + " " + a.folder().orElse("") + " " + a.allowed())
          .containsExactly(
              "create INBOX true",
              "create INBOX true",
              "read_hierarchy INBOX true",
              "read_summary INBOX true",
              "read_summary INBOX true",
              "read INBOX true",
              "update_read_state INBOX true",
              "update INBOX true",
              "copy INBOX false",
              "delete INBOX true");
    }
  }

  @Test
  @DisplayName("A folder whose UIDs are used up says so")
  void usedUpUidsAreAClearNo() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Peer peer = new Peer(fixture, "ann")) {
      assertThat(peer.append(ImapFixture.message(1))).startsWith("OK");
      MailboxRestore restore = new MailboxRestore(fixture.mailboxes());
      // Each raises UIDNEXT by 2^20, the last one not beyond the end.
      for (int i = 0; i <= 4_096; i++) restore.afterRestore(new MailboxId("ann"));
      assertThat(peer.ask("SELECT INBOX")).contains("[UIDNEXT 4294967295]");
      assertThat(peer.append(ImapFixture.message(2))).contains("OK [APPENDUID", " 4294967295]");
      assertThat(peer.append(ImapFixture.message(3))).contains("NO [LIMIT]");
      assertThat(peer.ask("COPY 1 INBOX")).startsWith("NO [LIMIT]");
      assertThat(peer.ask("UID FETCH 1:* (FLAGS)")).contains("UID 1 ", "UID 4294967295 ", "\nOK");
      assertThat(peer.ask("UID SEARCH RECENT")).contains("* SEARCH 1 4294967295\n");
    }
  }

  @Test
  @DisplayName("A clock that steps backwards breaks nothing")
  void aClockThatStepsBackwardsBreaksNothing() throws IOException {
    TestClock clock = new TestClock();
    try (ImapFixture fixture = new ImapFixture(temp, store -> store, clock);
        Peer peer = new Peer(fixture, "ann")) {
      assertThat(peer.ask("ENABLE QRESYNC")).endsWith("OK done");
      assertThat(peer.append(ImapFixture.message(1))).startsWith("OK");
      String selected = peer.ask("SELECT INBOX");
      clock.advance(Duration.ofDays(-400));
      assertThat(peer.append(ImapFixture.message(2))).contains("* 2 EXISTS", "* 2 RECENT");
      assertThat(peer.ask("UID FETCH 1:2 (INTERNALDATE SAVEDATE)"))
          .contains(
              "UID 1 INTERNALDATE \" 1-Jan-2027 00:00:00 +0000\""
                  + " SAVEDATE \" 1-Jan-2027 00:00:00 +0000\"",
              "UID 2 INTERNALDATE \"27-Nov-2025 00:00:00 +0000\""
                  + " SAVEDATE \"27-Nov-2025 00:00:00 +0000\"");
      assertThat(peer.ask("SEARCH SAVEDSINCE 1-Jan-2027")).contains("* SEARCH 1\n");
      assertThat(peer.ask("SEARCH BEFORE 1-Jan-2027")).contains("* SEARCH 2\n");
      assertThat(peer.ask("STORE 1 +FLAGS.SILENT (\\Deleted)")).endsWith("OK stored");
      assertThat(peer.ask("EXPUNGE")).contains("* VANISHED 1\n", "OK [HIGHESTMODSEQ");
      fixture.mailboxes().purge();
      assertThat(peer.ask("SELECT INBOX (QRESYNC (" + state(selected) + "))"))
          .contains("* VANISHED (EARLIER) 1\n", "UID 2 ");
      assertThat(peer.ask("CREATE later")).startsWith("OK");
      assertThat(peer.append(ImapFixture.message(3))).contains(" 3] appended");
    }
  }

  /// UIDVALIDITY and HIGHESTMODSEQ, as QRESYNC takes them.
  private static String state(String selected) {
    return code(selected, "UIDVALIDITY") + " " + code(selected, "HIGHESTMODSEQ");
  }

  private static String code(String response, String name) {
    int start = response.indexOf("[" + name + " ") + name.length() + 2;
    return response.substring(start, response.indexOf(']', start));
  }

  @Test
  @DisplayName("A full disk is NO [UNAVAILABLE], and over when there is room again")
  void aFullDiskIsUnavailableUntilThereIsRoom() throws IOException {
    FaultPlan plan = new FaultPlan();
    try (ImapFixture fixture =
            new ImapFixture(temp, inner -> new FailingStore(inner, plan), FIXED);
        Peer peer = new Peer(fixture, "ann")) {
      assertThat(peer.append(large(1))).startsWith("OK");
      assertThat(peer.ask("SELECT INBOX")).contains("* 1 EXISTS");
      plan.fail(
          1,
          Integer.MAX_VALUE,
          FaultPlan.Fault.UNAVAILABLE_BEFORE,
          FaultPlan.Call.COMMIT,
          FaultPlan.Call.BLOB_PUT);
      for (String command :
          List.of(
              "STORE 1 +FLAGS (\\Seen)",
              "FETCH 1 (BODY[])",
              "COPY 1 INBOX",
              "MOVE 1 INBOX",
              "CREATE x",
              "SUBSCRIBE INBOX/y")) {
        assertThat(peer.ask(command)).as(command).contains("NO [UNAVAILABLE]");
      }
      assertThat(peer.append(large(2))).contains("NO [UNAVAILABLE]");
      assertThat(peer.append(ImapFixture.message(2))).contains("NO [UNAVAILABLE]");
      assertThat(peer.ask("FETCH 1 (FLAGS BODY.PEEK[])"))
          .contains("FLAGS (\\Recent)", "line of 1", "\nOK");
      plan.heal();
      assertThat(peer.append(large(2))).contains("* 2 EXISTS", "OK [APPENDUID", " 2] ");
      assertThat(peer.ask("STORE 1 +FLAGS (\\Seen)")).contains("FLAGS (\\Seen \\Recent)", "\nOK");
      assertThat(peer.ask("CREATE x")).startsWith("OK");
    }
  }

  @Test
  @DisplayName("RFC 7162 §3.2.5: a client older than the change log learns more, never less")
  void aClientOlderThanTheChangeLogLearnsAllThatIsMissing() throws IOException {
    TestClock clock = new TestClock();
    try (ImapFixture fixture = new ImapFixture(temp, store -> store, clock);
        Peer peer = new Peer(fixture, "ann")) {
      assertThat(peer.ask("ENABLE QRESYNC")).endsWith("OK done");
      for (int i = 1; i <= 9; i++) peer.append(ImapFixture.message(i));
      assertThat(peer.ask("SELECT INBOX")).contains("* 9 EXISTS");
      peer.ask("STORE 2 +FLAGS.SILENT (\\Deleted)");
      peer.ask("EXPUNGE");
      String selected = peer.ask("SELECT INBOX");
      peer.ask("UID STORE 5,7 +FLAGS.SILENT (\\Deleted)");
      peer.ask("UID EXPUNGE 5,7");
      String known = "SELECT INBOX (QRESYNC (" + state(selected) + "))";
      // As long as the log is there, exactly what vanished since.
      assertThat(peer.ask(known)).contains("* VANISHED (EARLIER) 5,7\n");
      clock.advance(MailboxLimits.VANISHED_KEPT.plusDays(1));
      fixture.mailboxes().purge();
      assertThat(peer.ask(known)).contains("* VANISHED (EARLIER) 2,5,7\n", "OK [READ-WRITE]");
      // Known UIDs, and the sequence match data that spare what is known to be right.
      assertThat(peer.ask("SELECT INBOX (QRESYNC (" + state(selected) + " 1,3:6))"))
          .contains("* VANISHED (EARLIER) 5\n");
      assertThat(peer.ask("SELECT INBOX (QRESYNC (" + state(selected) + " 1:9 (1,2,3 1,3,4)))"))
          .contains("* VANISHED (EARLIER) 5,7\n");
    }
  }

  @Test
  @DisplayName("RFC 6154 §3: a special use is given once")
  void aSecondFolderWithTheSameSpecialUseIsRefused() throws IOException {
    try (ImapFixture fixture = new ImapFixture(temp);
        Peer peer = new Peer(fixture, "ann")) {
      // A new mailbox has it already.
      assertThat(peer.ask("DELETE Archive")).startsWith("OK");
      assertThat(peer.ask("CREATE first (USE (\\Archive))")).startsWith("OK");
      assertThat(peer.ask("CREATE second (USE (\\Archive))")).startsWith("NO [USEATTR]");
      String listed = peer.ask("LIST (SPECIAL-USE) \"\" *");
      assertThat(listed).contains("\\Archive) \"/\" first").doesNotContain("second");
      assertThat(peer.ask("LIST \"\" second")).startsWith("OK");
    }
  }

  @Test
  @DisplayName(
      "RFC 9051 §6.4.7: COPY to another user's mailbox is all or nothing, MOVE loses nothing")
  void copyAndMoveToAnotherUserFailWholly() throws IOException {
    FaultPlan plan = new FaultPlan();
    try (ImapFixture fixture =
            new ImapFixture(temp, inner -> new FailingStore(inner, plan), FIXED);
        Peer peer = new Peer(fixture, "ann")) {
      fixture.grantFullAccess("bob", "ann");
      int count = 150;
      for (int i = 1; i <= count; i++) fixture.append("ann", "INBOX", ImapFixture.message(i), 0);
      assertThat(peer.ask("SELECT INBOX")).contains("* 150 EXISTS");
      List<String> outcomes = new ArrayList<>();
      for (String command : List.of("COPY", "MOVE")) {
        int already = inbox(fixture, "bob").count();
        int failures = 0;
        while (true) {
          plan.failNth(
              failures + 1,
              FaultPlan.Fault.UNAVAILABLE_BEFORE,
              FaultPlan.Call.COMMIT,
              FaultPlan.Call.BLOB_PUT);
          String answer = peer.ask(command + " 1:* \"Other Users/bob@example.com/INBOX\"");
          plan.heal();
          if (answer.contains("OK")) break;
          assertThat(answer).as(command + " " + failures).contains("NO [UNAVAILABLE]");
          FolderView source = inbox(fixture, "ann");
          assertThat(source.count()).isEqualTo(count);
          for (int sequence = 1; sequence <= count; sequence++) {
            assertThat(source.flags(sequence) & Flags.DELETED).isZero();
          }
          assertThat(inbox(fixture, "bob").count()).isEqualTo(already);
          failures++;
        }
        outcomes.add(command);
        // Two steps of storing at least, and two of removing.
        assertThat(failures).isGreaterThanOrEqualTo(command.equals("COPY") ? 2 : 4);
        assertThat(inbox(fixture, "bob").count()).isEqualTo(already + count);
      }
      assertThat(outcomes).containsExactly("COPY", "MOVE");
      assertThat(inbox(fixture, "ann").count()).isZero();
    }
  }
}
