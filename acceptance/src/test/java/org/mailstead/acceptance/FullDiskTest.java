package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that fills up under the whole service: clear temporary refusals, reading goes on, and it
/// recovers by itself when there is room again.
@Tag("acceptance")
final class FullDiskTest {
  @TempDir Path folder;

  @Test
  @DisplayName("a full disk answers 4xx and NO [UNAVAILABLE], loses nothing, and is recovered from")
  void aFullDiskIsRefusedClearlyAndRecoveredFrom() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    Tool mounted = Tool.run("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", disk.toString());
    assumeTrue(mounted.exitCode() == 0, "no permission to mount a small disk");
    try {
      fill(disk);
    } finally {
      Tool.run("umount", "-l", disk.toString());
    }
  }

  private static void fill(Path disk) throws Exception {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    Path data = disk.resolve("data");
    int kept = 0;
    String user;
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      user = Users.create(service, 1).getFirst();
      Path ballast = disk.resolve("ballast");
      try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD);
          PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
        assertThat(imap.append("INBOX", "", message(1))).contains(" OK ");
        kept++;
        occupy(ballast);
        String refused = "";
        for (int i = 0; i < 100 && refused.isEmpty(); i++) {
          String tagged = imap.append("INBOX", "", message(i));
          if (tagged.contains(" OK ")) kept++;
          else refused = tagged;
        }
        assertThat(refused).contains("NO [UNAVAILABLE]");
        assertThat(smtp.send("a@example.org", List.of(user), message(2))).startsWith("4");
        assertThat(imap.ok("STATUS INBOX (MESSAGES)").getFirst().line())
            .contains("MESSAGES " + kept);

        Files.delete(ballast);
        int[] more = new int[1];
        Awaitility.await()
            .atMost(60, TimeUnit.SECONDS)
            .until(() -> {
              if (!imap.append("INBOX", "", message(3)).contains(" OK ")) return false;
              more[0]++;
              return true;
            });
        kept += more[0];
      }
    }
    Tool check =
        Tool.run(
            ServiceProcess.HOME.resolve("mailstead").toString(),
            "check",
            "--data",
            data.toString());
    assertThat(check.exitCode()).as(check.output()).isZero();
    try (ServiceProcess service = ServiceProcess.start(data, settings);
        PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      assertThat(imap.ok("STATUS INBOX (MESSAGES)").getFirst().line()).contains("MESSAGES " + kept);
    }
  }

  /// Leaves nothing free.
  private static void occupy(Path ballast) throws Exception {
    byte[] block = new byte[1 << 16];
    try (var out = Files.newOutputStream(ballast)) {
      while (true) out.write(block);
    } catch (java.io.IOException e) {
      assertThat(e.getMessage()).contains("No space left");
    }
  }

  private static byte[] message(int seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("Subject: " + seed + "\r\n\r\n");
    while (text.length() < 100_000) text.append(random.nextLong()).append("\r\n");
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
