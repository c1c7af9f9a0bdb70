package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// MIG-10: `mailstead export` and `import` with a running service: every form of mailbox files
/// comes in whole, and nothing is sent because of it, whatever rules, replies and journals there
/// are.
@Tag("acceptance")
final class ImportTest {
  @TempDir Path folder;

  @Test
  @DisplayName("MIG-10: zip, eml, Maildir and mbox come in; nothing is sent, filtered or answered")
  void filesComeInAndNothingLeaves() throws Exception {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    // Nobody is there: what leaves waits in the queue.
    settings.put("MAILSTEAD_OUTBOUND_SMARTHOST", "127.0.0.1:1");
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      List<String> users = Users.create(service, 3);
      String user = users.get(0);
      String watcher = users.get(1);
      noisy(service, user, watcher);

      // What is heard of mail that is delivered: a journal and a forward, and a reply on its way.
      deliver(service, user, "first");
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .untilAsserted(() -> {
            assertThat(inbox(service, watcher).split("Hello first", -1).length).isGreaterThan(2);
            assertThat(waiting()).isEqualTo(1);
          });

      assertThat(run(user, maildir(user)).output()).startsWith("WHOLE: 2 messages written");
      assertThat(run(user, eml(user)).output()).startsWith("WHOLE: 2 messages written");
      assertThat(run(user, mbox(user)).output()).startsWith("WHOLE: 2 messages written");
      // Again: it is all there.
      assertThat(run(user, maildir(user)).output()).startsWith("WHOLE: 0 messages written");

      // Out as a zip, and into somebody else's mailbox.
      Path zip = folder.resolve("out.zip");
      mailstead("export", user, "--to", zip.toString()).succeeds();
      String other = users.get(2);
      assertThat(run(other, zip, "--into", "Old").output()).startsWith("WHOLE: ");
      try (PlainImap imap = new PlainImap(service.port("imap"), other, Users.PASSWORD)) {
        assertThat(imap.ok("SELECT Old/INBOX").toString()).contains("EXISTS");
        assertThat(imap.ok("SEARCH SUBJECT maildir-1").toString()).containsPattern("SEARCH \\d");
      }
      try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
        assertThat(imap.ok("SELECT INBOX").toString()).contains("EXISTS");
        assertThat(imap.ok("SEARCH SEEN SUBJECT maildir-0").toString())
            .containsPattern("SEARCH \\d");
        assertThat(imap.ok("SEARCH ON 13-Sep-2020 SUBJECT maildir-0").toString())
            .containsPattern("SEARCH \\d");
      }

      Tool bad = run(user, folder.resolve("nothing"));
      assertThat(bad.exitCode()).isEqualTo(1);
      assertThat(bad.output()).contains("nothing is not there");
      assertThat(run("nobody@" + service.text("testDomain"), zip).output())
          .contains("no enabled user has the address");
      assertThat(run(user, zip, "--kind", "pst").output()).contains("kinds are eml, zip");

      // One more message by SMTP: what it causes comes after whatever the imports had caused.
      deliver(service, user, "last");
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(
              () -> inbox(service, watcher).split("Hello last", -1).length > 2 && waiting() == 2);
      assertThat(inbox(service, watcher)).doesNotContain("maildir-", "eml-", "mbox-");
      assertThat(waiting()).isEqualTo(2);
    }
  }

  /// A rule that forwards, an automatic reply, a journal: all to be heard if anything is delivered.
  private static void noisy(ServiceProcess service, String user, String watcher) throws Exception {
    Users.workmail(
        service,
        "put-inbox-rules",
        "--user-id",
        user,
        "--rules",
        "[{\"Name\":\"all\",\"Actions\":{\"ForwardTo\":[\"" + watcher + "\"]}}]");
    Users.workmail(
        service, "put-out-of-office", "--user-id", user, "--enabled", "--external-text", "Away");
    Users.workmail(
        service,
        "set-journaling-rules",
        "--enabled",
        "--journaling-address",
        watcher,
        "--report-address",
        service.text("adminAddress"));
  }

  private static void deliver(ServiceProcess service, String user, String name) throws IOException {
    try (PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
      String reply = smtp.send(name + "@friends.example", List.of(user), message(name, user));
      assertThat(reply).startsWith("250");
    }
  }

  /// Everything in it as text.
  private static String inbox(ServiceProcess service, String user) throws IOException {
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      StringBuilder text = new StringBuilder();
      if (imap.ok("SELECT INBOX").toString().contains("* 0 EXISTS")) return "";
      for (PlainImap.Response each : imap.ok("FETCH 1:* BODY.PEEK[]")) {
        each.literals().forEach(l -> text.append(new String(l, StandardCharsets.US_ASCII)));
      }
      return text.toString();
    }
  }

  /// Recipients of what is in the queue: replies to people outside.
  private long waiting() throws Exception {
    String text = mailstead("queue", "count").output();
    return Long.parseLong(text.replaceAll("(?s).*recipients waiting +(\\d+).*", "$1"));
  }

  private Tool mailstead(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--data", folder.resolve("data").toString()));
    return Tool.run(Map.of(), "", command);
  }

  private Tool run(String user, Path from, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("import", user, "--from", from.toString()));
    words.addAll(List.of(more));
    return mailstead(words.toArray(String[]::new));
  }

  private static byte[] message(String name, String to) {
    return "From: <%1$s@friends.example>\r\nTo: <%2$s>\r\nSubject: %1$s\r\nDate: Sun, 13 Sep 2020 12:26:40 +0000\r\n\r\nHello %1$s\r\n"
        .formatted(name, to)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private Path maildir(String user) throws IOException {
    Path root = folder.resolve("maildir");
    for (String part : List.of("cur", "new", "tmp")) Files.createDirectories(root.resolve(part));
    for (int i = 0; i < 2; i++) {
      Path file = root.resolve("cur/160000000" + i + ".m" + i + ".h:2,S");
      Files.write(file, message("maildir-" + i, user));
      Files.setLastModifiedTime(
          file,
          java.nio.file.attribute.FileTime.from(java.time.Instant.ofEpochSecond(1_600_000_000)));
    }
    return root;
  }

  private Path eml(String user) throws IOException {
    Path root = folder.resolve("eml");
    for (int i = 0; i < 2; i++) {
      Path file = root.resolve(i == 0 ? "INBOX" : "Projects/2020").resolve("m" + i + ".eml");
      Files.createDirectories(file.getParent());
      Files.write(file, message("eml-" + i, user));
    }
    return root;
  }

  private Path mbox(String user) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      text.append("From friend@friends.example Sun Sep 13 12:26:40 2020\n")
          .append(
              new String(message("mbox-" + i, user), StandardCharsets.US_ASCII)
                  .replace("\r\n", "\n"))
          .append('\n');
    }
    return Files.writeString(folder.resolve("archive.mbox"), text);
  }
}
