package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.MailFolder;

/// MIG-4 with real processes: SIGKILL for the engine, for the source's server or for the target's
/// server at a random moment, again and again; then everything is there once.
/// `-Dmailstead.kills=100` for as many kills, `-Dmailstead.kill-seed=N` to do it again.
final class KillTest {
  private static final int KILLS = Integer.getInteger("mailstead.kills", 3);
  private static final int KILLS_PER_SCENE = 5;

  @TempDir private static Path folder;

  private enum Victim {
    ENGINE,
    SOURCE,
    TARGET
  }

  @Test
  void killsLoseNothingAndDoubleNothing() throws IOException, InterruptedException {
    assumeTrue(DovecotProcess.isInstalled(), "dovecot is not installed");
    long seed = Long.getLong("mailstead.kill-seed", System.nanoTime() % 1_000_000);
    System.out.println("kills: " + KILLS + ", seed " + seed);
    Random random = new Random(seed);
    Map<Victim, Integer> kills = new TreeMap<>();
    try (DovecotProcess source = DovecotProcess.start();
        DovecotProcess target = DovecotProcess.start()) {
      try (ImapMailbox mailbox = source.mailbox("anna", spool())) {
        DovecotTransferTest.fill(mailbox, "INBOX", 1_500, 4_000);
        DovecotTransferTest.fill(mailbox, "Projects/2026", 700, 2_000);
        DovecotTransferTest.fill(mailbox, "Sent", 300, 30_000);
        // The same octets many times over: each must come once for each time.
        for (int i = 0; i < 40; i++) DovecotTransferTest.fill(mailbox, "Twins", 2, 10);
      }
      int done = 0;
      for (int scene = 0; done < KILLS; scene++) {
        Path work = Files.createDirectory(folder.resolve("scene" + scene));
        String to = "anna" + scene;
        Path settings = EngineProcess.settings(work, source, target, Map.of("anna", to));
        int count = Math.min(KILLS_PER_SCENE, KILLS - done);
        for (int i = 0; i < count; i++) {
          // The engine is killed, or it lives through the death of a server.
          Victim victim = Victim.values()[(done + i) % 3];
          kill(victim, settings, work, source, target, random);
          kills.merge(victim, 1, Integer::sum);
        }
        done += count;
        finish(settings, work, to, source, target);
      }
    }
    System.out.println("killed: " + kills);
  }

  private static void kill(
      Victim victim,
      Path settings,
      Path work,
      DovecotProcess source,
      DovecotProcess target,
      Random random)
      throws IOException, InterruptedException {
    Process engine = EngineProcess.start(settings, work.resolve("out"));
    // A moment of the run that nobody chose: sleeping until then is what this test is about. It
    // ends earlier if the run does.
    boolean over = EngineProcess.ends(engine, Duration.ofMillis(300 + random.nextInt(3_000)));
    switch (victim) {
      case ENGINE -> engine.destroyForcibly();
      case SOURCE -> source.killAndRestart();
      case TARGET -> target.killAndRestart();
    }
    if (victim != Victim.ENGINE && !over && random.nextBoolean()) {
      assertThat(EngineProcess.ends(engine, Duration.ofMinutes(2))).isTrue();
    }
    engine.destroyForcibly();
    engine.waitFor();
  }

  private static void finish(
      Path settings, Path work, String to, DovecotProcess source, DovecotProcess target)
      throws IOException, InterruptedException {
    Process engine = EngineProcess.start(settings, work.resolve("out"));
    assertThat(EngineProcess.ends(engine, Duration.ofMinutes(3))).isTrue();
    assertThat(engine.exitValue()).as(Files.readString(work.resolve("out"))).isZero();
    try (ImapMailbox before = source.mailbox("anna", spool());
        ImapMailbox after = target.mailbox(to, spool())) {
      assertThat(counts(after)).isEqualTo(counts(before));
      Set<String> wanted = DovecotTransferTest.picture(before);
      Set<String> there = DovecotTransferTest.picture(after);
      Set<String> lost = new TreeSet<>(wanted);
      lost.removeAll(there);
      Set<String> more = new TreeSet<>(there);
      more.removeAll(wanted);
      assertThat(lost).isEmpty();
      assertThat(more).isEmpty();
    }
  }

  /// The picture is a set: equal messages count here.
  private static Map<String, Integer> counts(ImapMailbox mailbox) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (MailFolder box : mailbox.folders()) {
      if (!box.isSelectable()) continue;
      List<?> items =
          mailbox.list(box, java.util.Optional.empty()) instanceof FolderListing.Complete complete
              ? complete.items()
              : List.of();
      counts.put(box.path().text(), items.size());
    }
    return counts;
  }

  private static ContentSpool spool() {
    return new ContentSpool(folder, 1 << 16);
  }
}
