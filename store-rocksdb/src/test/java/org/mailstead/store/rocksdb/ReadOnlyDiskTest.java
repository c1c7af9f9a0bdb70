package org.mailstead.store.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/// A disk that turns read-only while the store is in use, as ext4 does when it meets an error
/// (`remount,abort` makes it believe so, although files are open for writing). Skipped where file
/// systems may not be made and mounted.
final class ReadOnlyDiskTest {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final PartitionId BOX = new PartitionId("mailbox/1");
  private static final int BLOB_BYTES = 20_000;

  @TempDir Path folder;
  private Path disk = Path.of(".");
  private Path image = Path.of(".");
  private final Random random = new Random(3);

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    image = folder.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(96L << 20);
    }
    boolean made =
        run("mkfs.ext4", "-q", image.toString())
            && run("mount", "-o", "loop", image.toString(), disk.toString());
    assumeTrue(made, "skipped: file systems may not be made and mounted here");
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private RocksStore open() {
    RocksSettings settings =
        new RocksSettings(disk.resolve("data"), RocksSettings.CACHE_BYTES_MIN, 4 << 20);
    return RocksStore.open(settings, new TestClock(), random);
  }

  private void commit(RocksStore store, int number) {
    byte[] key = ("k" + number).getBytes(UTF_8);
    WriteBatch batch = new WriteBatch().put(ROWS, key, new byte[4000]);
    store.commit(BOX, store.version(BOX), CommitId.random(random), batch);
  }

  private BlobId put(RocksStore store) {
    BlobId blob = BlobId.random(random);
    Content content = Content.of(new byte[BLOB_BYTES]);
    store.blobs().put(BOX, List.of(new Blobs.NewBlob(blob, content)));
    return blob;
  }

  @Test
  void aDiskThatTurnsReadOnlyRefusesWritesServesReadsAndHasLostNothing() throws Exception {
    int acknowledged = 20;
    BlobId blob;
    try (RocksStore store = open()) {
      blob = put(store);
      for (int i = 0; i < acknowledged; i++) commit(store, i);
      assumeTrue(run("mount", "-o", "remount,abort", disk.toString()), "skipped: cannot abort");

      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> commit(store, acknowledged))
            .isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> put(store)).isInstanceOf(UnavailableException.class);
      }
      assertThat(store.version(BOX)).isEqualTo(acknowledged);
      byte[] refused = ("k" + acknowledged).getBytes(UTF_8);
      assertThat(store.get(BOX, ROWS, refused)).as("nothing of it is visible").isEmpty();
      assertThat(store.get(BOX, ROWS, "k0".getBytes(UTF_8))).as("reads go on").isPresent();
      assertThat(store.blobs().read(blob, 0, BLOB_BYTES)).hasSize(BLOB_BYTES);
    }
    assertThat(run("umount", disk.toString())).as("no file is left open").isTrue();
    run("e2fsck", "-p", image.toString());
    assertThat(run("mount", "-o", "loop", image.toString(), disk.toString())).isTrue();
    try (RocksStore store = open()) {
      // The one whose sync failed may be there or not; it was not acknowledged.
      assertThat(store.version(BOX)).isBetween((long) acknowledged, acknowledged + 1L);
      for (int i = 0; i < acknowledged; i++) {
        assertThat(store.get(BOX, ROWS, ("k" + i).getBytes(UTF_8))).isPresent();
      }
      assertThat(store.blobs().read(blob, 0, BLOB_BYTES)).hasSize(BLOB_BYTES);
      commit(store, acknowledged + 1);
      assertThat(store.blobs().find(put(store))).contains((long) BLOB_BYTES);
      assertThat(new StoreCheck(store, List.of()).run().errors()).isEmpty();
    }
  }
}
