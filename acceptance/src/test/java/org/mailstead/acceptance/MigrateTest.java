package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `mailstead migrate` as a user runs it: a Maildir into the service over TLS, killed again and
/// again with kill -9, then out of it into a tree of files; verified both ways. 5 kills; 100 with
/// --long. The seed is printed and can be given again with -Dmailstead.seed.
@Tag("acceptance")
final class MigrateTest {
  private static final int MESSAGE_COUNT = 900;
  private static final int UNKILLED_RUNS_MAX = 5;

  @TempDir Path folder;

  @Test
  @DisplayName("a mailbox comes in whole through kill -9, and goes out again")
  void aMailboxComesInThroughKillsAndGoesOutAgain() throws Exception {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    int kills =
        Integer.getInteger("mailstead.kills", Boolean.getBoolean("mailstead.long") ? 100 : 5);
    System.out.println("MigrateTest: seed " + seed + ", " + kills + " kills");
    Random random = new Random(seed);
    List<byte[]> messages = fillMaildir(folder.resolve("anna"), random);
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      String user = Users.create(service, 1).getFirst();
      Path in = folder.resolve("in.toml");
      Files.writeString(
          in,
          """
          work = "in"
          [source]
          kind = "maildir"
          path = "."
          [target]
          host = "localhost"
          port = %d
          ca-file = "%s"
          [[mailbox]]
          source = "anna"
          target = "%s"
          target-password = '%s'
          """
              .formatted(
                  service.port("imaps"), service.text("caCertificate"), user, Users.PASSWORD));
      int killed = 0;
      while (killed < kills && killOnce(in, random)) killed++;
      System.out.println("MigrateTest: killed " + killed + " times");
      Tool rest = migrate("run", in);
      assertThat(rest.output()).contains("WHOLE: 1 of 1");
      assertThat(rest.succeeds().output()).doesNotContain("NOT WHOLE");
      assertThat(migrate("verify", in).succeeds().output())
          .contains("WHOLE: 1 of 1")
          .contains(MESSAGE_COUNT + " messages read again");
      assertThat(migrate("run", in).succeeds().output()).contains("0 messages written");

      Path out = folder.resolve("out.toml");
      Files.writeString(
          out,
          """
          work = "out"
          [source]
          host = "localhost"
          port = %d
          ca-file = "%s"
          [target]
          kind = "eml"
          path = "archive"
          [[mailbox]]
          source = "%s"
          target = "anna"
          source-password = '%s'
          """
              .formatted(
                  service.port("imaps"), service.text("caCertificate"), user, Users.PASSWORD));
      assertThat(migrate("run", out).succeeds().output())
          .contains(MESSAGE_COUNT + " messages written");
      assertThat(migrate("verify", out).succeeds().output()).contains("WHOLE: 1 of 1");
      assertThat(migrate("report", out).succeeds().output()).contains("WHOLE");
      assertThat(hashes(folder.resolve("archive"))).isEqualTo(sorted(messages));
    }
  }

  /// Starts a run and kills it.
  ///
  /// @return false if it was faster than the kill too often
  private boolean killOnce(Path settings, Random random) throws Exception {
    for (int i = 0; i < UNKILLED_RUNS_MAX; i++) {
      Process process =
          ServiceProcess.builder(command("run", settings), Map.of())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      // The kill is at a random time: nothing to await.
      boolean ended = process.waitFor(300 + random.nextInt(2_500), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      if (!ended) return true;
    }
    return false;
  }

  private static List<String> command(String word, Path settings) {
    return List.of(
        ServiceProcess.HOME.resolve("mailstead").toString(), "migrate", word, settings.toString());
  }

  private static Tool migrate(String word, Path settings) throws Exception {
    return Tool.run(Map.of(), "", command(word, settings));
  }

  private static List<byte[]> fillMaildir(Path root, Random random) throws IOException {
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < MESSAGE_COUNT; i++) {
      Path box = i % 3 == 0 ? root : root.resolve(i % 3 == 1 ? ".Sent" : ".Projekte.Gr&APYA3w-e");
      Files.createDirectories(box.resolve("cur"));
      // Look-alikes: every tenth has no body and differs in nothing but one field.
      byte[] message = message(i, i % 10 == 0 ? 0 : random.nextInt(20_000), random);
      messages.add(message);
      Path file = box.resolve("cur").resolve("170000" + i + ".x:2," + (i % 2 == 0 ? "S" : "FR"));
      Files.write(file, message);
      Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_600_000_000L + i)));
    }
    return messages;
  }

  private static byte[] message(int number, int bytes, Random random) {
    StringBuilder text =
        new StringBuilder("From: a@example.org\r\nSubject: Alert\r\nX-Number: ")
            .append(number)
            .append("\r\n\r\n");
    while (text.length() < bytes) text.append(Long.toHexString(random.nextLong())).append("\r\n");
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static List<Integer> sorted(List<byte[]> messages) {
    return messages.stream().map(java.util.Arrays::hashCode).sorted().toList();
  }

  private static List<Integer> hashes(Path root) throws IOException {
    List<byte[]> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".eml")).toList()) {
        found.add(Files.readAllBytes(file));
      }
    }
    return sorted(found);
  }
}
