package org.mailstead.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailstead.store.PartitionId;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// A process that commits under load is killed; what it acknowledged must be there afterwards.
final class CrashTest {
  private static final int ROUNDS = Integer.getInteger("mailstead.crash.rounds", 5);

  @TempDir Path folder;

  private List<String> command(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(CrashChild.class.getName());
    for (Object argument : arguments) command.add(argument.toString());
    return command;
  }

  private Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(folder.resolve("child.err").toFile()).start();
  }

  /// Reads acknowledgements, kills after so many (0: not), and returns the highest version of each
  /// partition.
  private Map<PartitionId, Long> acknowledged(Process child, int killAfter) throws Exception {
    Map<PartitionId, Long> acknowledged = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      int count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        if (!words[0].equals("A") || words.length < 3) continue;
        acknowledged.merge(new PartitionId(words[1]), Long.parseLong(words[2]), Math::max);
        if (++count == killAfter) child.toHandle().destroyForcibly();
      }
    }
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return acknowledged;
  }

  private void verify(Path data, Map<PartitionId, Long> acknowledged, String round) {
    try (RocksStore store =
        RocksStore.open(CrashChild.settings(data), new TestClock(), new Random(1))) {
      StoreCheck.Result result = new StoreCheck(store, List.of(new Ledger())).run();
      assertThat(result.errors()).as(round).isEmpty();
      acknowledged.forEach((partition, version) ->
          assertThat(store.version(partition))
              .as("%s: %s", round, partition)
              .isGreaterThanOrEqualTo(version));
    }
  }

  /// ISSUE §2 (a): nothing acknowledged is lost, versions have no gap, the check is clean.
  @Test
  void aKilledProcessHasLostNothingThatItAcknowledged() throws Exception {
    long seed = Long.getLong("mailstead.crash.seed", System.nanoTime());
    System.out.println("crash rounds: " + ROUNDS + ", seed " + seed);
    Random random = new Random(seed);
    Path data = folder.resolve("data");
    for (int round = 1; round <= ROUNDS; round++) {
      long childSeed = random.nextInt(1_000_000);
      Process child = start(command(data, childSeed, 6, 0, "-", 0));
      Map<PartitionId, Long> acknowledged = acknowledged(child, 1 + random.nextInt(1500));
      String name = "seed " + seed + ", round " + round;
      assertThat(acknowledged).as(name).isNotEmpty();
      assertThat(child.exitValue())
          .as(name + Files.readString(folder.resolve("child.err")))
          .isEqualTo(137);
      verify(data, acknowledged, name);
    }
  }

  /// Every step between blob, holder and commit is a crash point, and those of sweeper and restore.
  @ParameterizedTest
  @EnumSource(Step.class)
  void everyStepMayBeTheLast(Step step) throws Exception {
    Path data = folder.resolve("data");
    for (int nth : new int[] {1, 3}) {
      Process child = start(command(data, nth, 4, 0, step, nth));
      Map<PartitionId, Long> acknowledged = acknowledged(child, 20_000);
      assertThat(child.exitValue()).as(() -> step + " was not reached: " + errors()).isEqualTo(137);
      verify(data, acknowledged, step + " " + nth);
    }
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("child.err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// ISSUE §2 (b): each acknowledgement follows a completed sync of the log, begun after the last
  /// write to it; the same for segments.
  @Test
  void everyAcknowledgementFollowsACompletedSync() throws Exception {
    Path trace = folder.resolve("trace");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("strace", "-f", "-y", "-qq", "-s", "40", "-o", trace.toString()));
    command.addAll(List.of("-e", "trace=write,writev,pwrite64,pwritev,fdatasync,fsync,ftruncate"));
    command.addAll(command(folder.resolve("data"), 1, 1, 60, "-", 0));
    assumeTrue(isInstalled("strace"), "skipped: strace is not installed");
    Process child = start(command);
    Map<PartitionId, Long> acknowledged = acknowledged(child, 0);
    assumeTrue(
        child.exitValue() == 0 || !acknowledged.isEmpty(),
        "skipped: strace may not trace here: " + errors());
    assertThat(acknowledged.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(60);
    SyncTrace.Result result = SyncTrace.read(Files.readAllLines(trace));
    assertThat(result.acknowledgements()).isEqualTo(60);
    assertThat(result.logSyncs()).isGreaterThanOrEqualTo(60);
    assertThat(result.segmentSyncs()).isGreaterThan(10);
    assertThat(result.violations()).isEmpty();
  }

  @Test
  void aSecondProcessIsRefusedInOneLineThatNamesTheFolder() throws Exception {
    Path data = folder.resolve("data");
    try (RocksStore store =
        RocksStore.open(CrashChild.settings(data), new TestClock(), new Random(1))) {
      Process child = start(command(data, 1, 1, 1, "-", 0));
      assertThat(acknowledged(child, 0)).isEmpty();
      assertThat(child.exitValue()).isNotZero();
      assertThat(errors().lines().findFirst().orElseThrow())
          .contains("DataFolderException", data.toString(), "in use");
      assertThat(store.version(Ledger.partition(0))).isZero();
    }
  }

  private static boolean isInstalled(String program) {
    return java.util.Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator))
        .anyMatch(folder -> java.nio.file.Files.isExecutable(Path.of(folder, program)));
  }
}
