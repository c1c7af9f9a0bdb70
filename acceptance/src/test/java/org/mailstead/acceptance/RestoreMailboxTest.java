package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One mailbox, or one folder of it, out of a backup into the running service; a key file sealed
/// with a passphrase; a check beside the service.
@Tag("acceptance")
final class RestoreMailboxTest {
  @TempDir Path folder;

  @Test
  @DisplayName("OPS-3: a folder and a mailbox come back from a backup while the service runs")
  void aFolderAndAMailboxComeBackWhileTheServiceRuns() throws Exception {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    Path data = folder.resolve("data");
    Path backup = folder.resolve("backup");
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      String user = Users.create(service, 1).getFirst();
      try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
        imap.ok("CREATE projects");
        for (int i = 0; i < 5; i++) {
          imap.append("projects", "\\Flagged keep", message("p" + i, 200 + i * 20_000));
          imap.append("INBOX", "\\Seen", message("i" + i, 300));
        }
        mailstead(Map.of(), "backup", "--data", data.toString(), "--to", backup.toString());
        imap.ok("DELETE projects");
        imap.ok("SELECT INBOX");
        imap.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        imap.ok("EXPUNGE");

        String one =
            mailstead(
                Map.of(),
                "restore",
                "--data",
                data.toString(),
                "--from",
                backup.toString(),
                "--mailbox",
                user,
                "--folder",
                "projects");
        assertThat(one).contains("5 messages restored");
        String root = one.replaceAll("(?s).*(Restored \\d{4}-\\d\\d-\\d\\d).*", "$1");
        imap.ok("EXAMINE \"" + root + "/projects\"");
        List<PlainImap.Response> back = imap.ok("FETCH 1:* (FLAGS BODY.PEEK[])");
        for (int i = 0; i < 5; i++) {
          assertThat(back.get(i).line()).contains("\\Flagged", "keep");
          assertThat(back.get(i).literals().getFirst())
              .isEqualTo(message("p" + i, 200 + i * 20_000));
        }
        String all =
            mailstead(
                Map.of(),
                "restore",
                "--data",
                data.toString(),
                "--from",
                backup.toString(),
                "--mailbox",
                user);
        assertThat(all).contains("10 messages restored");
        imap.ok("SELECT \"" + root + "/INBOX\"");
        assertThat(imap.ok("SEARCH SEEN").getFirst().line()).isEqualTo("* SEARCH 1 2 3 4 5");
      }
      assertThat(mailstead(Map.of(), "check", "--data", data.toString())).contains("clean");
      Tool unknown =
          Tool.run(
              ServiceProcess.freePorts(),
              ServiceProcess.HOME.resolve("mailstead").toString(),
              "restore",
              "--data",
              data.toString(),
              "--from",
              backup.toString(),
              "--mailbox",
              "nobody@nowhere.example");
      assertThat(unknown.exitCode()).isEqualTo(1);
      assertThat(unknown.output()).startsWith("mailstead: ").contains("nobody@nowhere.example");
    }
    sealedKey(data, backup);
  }

  private void sealedKey(Path data, Path backup) throws Exception {
    Map<String, String> passphrase = Map.of("MAILSTEAD_PASSPHRASE", "a long enough passphrase");
    Path sealed = folder.resolve("sealed.key");
    mailstead(
        passphrase,
        "backup",
        "--data",
        data.toString(),
        "--to",
        backup.toString(),
        "--key-to",
        sealed.toString());
    Path other = folder.resolve("other");
    Tool without =
        Tool.run(
            ServiceProcess.freePorts(),
            ServiceProcess.HOME.resolve("mailstead").toString(),
            "restore",
            "--data",
            other.toString(),
            "--from",
            backup.toString());
    assertThat(without.exitCode()).isEqualTo(1);
    assertThat(without.output()).contains("key file");
    mailstead(
        passphrase,
        "restore",
        "--data",
        other.toString(),
        "--from",
        backup.toString(),
        "--key",
        sealed.toString());
    assertThat(mailstead(Map.of(), "check", "--data", other.toString())).contains("clean");
    assertThat(Files.exists(other.resolve("RESTORING"))).isFalse();
  }

  private static byte[] message(String subject, int size) {
    String line = "the quick brown fox jumps over the lazy dog\r\n";
    return ("Subject: " + subject + "\r\n\r\n" + line.repeat(size / line.length() + 1))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String mailstead(Map<String, String> more, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString()));
    command.addAll(List.of(words));
    Map<String, String> variables = new HashMap<>(ServiceProcess.freePorts());
    variables.putAll(more);
    return Tool.run(variables, "", command).succeeds().output();
  }
}
