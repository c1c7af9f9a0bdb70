package org.mailstead.store.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;
import org.mailstead.store.WriteBatch;

/// A disk of 24 MiB that really is full, and one that may not be written. Skipped where file
/// systems may not be mounted.
final class FullDiskTest {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final PartitionId BOX = new PartitionId("mailbox/1");

  @TempDir Path folder;
  private Path disk = Path.of(".");
  private final Random random = new Random(3);
  private final TestClock clock = new TestClock();

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
        "skipped: file systems may not be mounted here");
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private RocksStore open() {
    RocksSettings settings =
        new RocksSettings(disk.resolve("data"), RocksSettings.CACHE_BYTES_MIN, 4 << 20);
    return RocksStore.open(settings, clock, random);
  }

  private void fill() throws IOException {
    byte[] part = new byte[4096];
    try (var out = Files.newOutputStream(disk.resolve("filler"))) {
      while (true) out.write(part);
    } catch (IOException e) {
      assertThat(disk.toFile().getUsableSpace()).isLessThan(4096);
    }
  }

  private long commit(RocksStore store, String key) {
    WriteBatch batch = new WriteBatch().put(ROWS, key.getBytes(UTF_8), new byte[4000]);
    return store.commit(BOX, store.version(BOX), CommitId.random(random), batch);
  }

  private BlobId put(RocksStore store, int length) {
    BlobId blob = BlobId.random(random);
    byte[] octets = new byte[length];
    store.blobs().put(BOX, List.of(new Blobs.NewBlob(blob, Content.of(octets))));
    return blob;
  }

  /// The answer of the first attempt that is not refused.
  private static <T> T untilAvailable(java.util.function.Supplier<T> attempt) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        return attempt.get();
      } catch (UnavailableException e) {
        if (System.nanoTime() > end) throw e;
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  @Test
  void aFullDiskRefusesCommitsShowsNothingOfThemAndRecoversByItself() throws Exception {
    long failedAt = 0;
    try (RocksStore store = open()) {
      assertThat(commit(store, "first")).isEqualTo(1);
      fill();
      // What is allocated already may still take some.
      CommitId refused = CommitId.random(random);
      for (int i = 0; failedAt == 0 && i < 20_000; i++) {
        WriteBatch batch = new WriteBatch().put(ROWS, ("k" + i).getBytes(UTF_8), new byte[4000]);
        long version = store.version(BOX);
        refused = CommitId.random(random);
        try {
          store.commit(BOX, version, refused, batch);
        } catch (UnavailableException e) {
          failedAt = version;
          byte[] key = ("k" + i).getBytes(UTF_8);
          assertThat(store.get(BOX, ROWS, key)).as("nothing of it is visible").isEmpty();
        }
      }
      assertThat(failedAt).as("the disk was full at some point").isPositive();
      assertThat(store.version(BOX)).isEqualTo(failedAt);
      assertThat(store.get(BOX, ROWS, "first".getBytes(UTF_8))).as("reads go on").isPresent();
      assertThatThrownBy(() -> commit(store, "again")).isInstanceOf(UnavailableException.class);

      Files.delete(disk.resolve("filler"));
      long version = untilAvailable(() -> commit(store, "after"));
      assertThat(version).isEqualTo(failedAt + 1);
      assertThat(store.outcome(BOX, refused)).isEmpty();
      assertThat(store.get(BOX, ROWS, "again".getBytes(UTF_8))).isEmpty();
      assertThat(new StoreCheck(store, List.of()).run().errors()).isEmpty();
    }
    try (RocksStore store = open()) {
      assertThat(store.version(BOX)).isEqualTo(failedAt + 1);
      assertThat(store.get(BOX, ROWS, "after".getBytes(UTF_8))).isPresent();
      assertThat(new StoreCheck(store, List.of()).run().errors()).isEmpty();
    }
  }

  @Test
  void aFullDiskRefusesBlobsAndKeepsNothingOfThem() throws Exception {
    BlobId before;
    BlobId after;
    try (RocksStore store = open()) {
      before = put(store, 100_000);
      assertThat(commit(store, "first")).isEqualTo(1);
      fill();
      assertThatThrownBy(() -> put(store, 300_000)).isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> put(store, 300_000)).isInstanceOf(UnavailableException.class);
      assertThat(store.blobs().read(before, 0, 100_000)).hasSize(100_000);
      Files.delete(disk.resolve("filler"));
      after = untilAvailable(() -> put(store, 300_000));
      assertThat(store.blobs().list(Optional.empty(), 10)).containsExactlyInAnyOrder(before, after);
    }
    try (RocksStore store = open()) {
      assertThat(store.blobs().read(after, 0, 300_000)).hasSize(300_000);
      assertThat(store.blobs().list(Optional.empty(), 10)).hasSize(2);
      assertThat(new StoreCheck(store, List.of()).run().errors()).isEmpty();
    }
  }

  @Test
  void aReadOnlyDiskIsRefusedInOneLineThatNamesTheFolder() throws Exception {
    open().close();
    assumeTrue(run("mount", "-o", "remount,ro", disk.toString()), "skipped: cannot remount");
    assertThatThrownBy(this::open)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(disk.resolve("data").toString())
        .hasMessageContaining("Read-only")
        .hasMessageNotContaining("\n");
  }
}
