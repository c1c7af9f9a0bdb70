package org.mailstead.store.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.Findings;
import org.mailstead.store.PartitionCheck;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.WriteBatch;

/// Backup and restore from and into any store.
public abstract class BackupContract {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final Collection BLOBS = new Collection(2, "blobs");
  private static final PartitionId A = new PartitionId("mailbox/a b%c");
  private static final PartitionId B = new PartitionId("mailbox/b");
  private static final int BLOB_BYTES = 5000;

  @TempDir protected Path folder;
  private final Random random = new Random(5);
  private final List<Store> stores = new ArrayList<>();
  private Store store;

  protected abstract Store newStore(String name) throws Exception;

  private Store opened(String name) throws Exception {
    Store opened = newStore(name);
    stores.add(opened);
    return opened;
  }

  private Path backupFolder() {
    return folder.resolve("backup");
  }

  /// Rows of the second collection are keyed by the blobs that they refer to.
  private static final class References implements PartitionCheck {
    @Override
    public boolean covers(PartitionId partition) {
      return true;
    }

    @Override
    public void check(Store store, PartitionId partition, Findings findings) {
      store
          .range(partition, BLOBS, org.mailstead.store.Range.all(), 10_000)
          .rows()
          .forEach(row -> findings.refersTo(partition, BlobId.parse(new String(row.key(), UTF_8))));
    }
  }

  @BeforeEach
  void openStore() throws Exception {
    store = opened("source");
  }

  @AfterEach
  void checkAndCloseStores() {
    for (Store one : stores) {
      StoreCheck.Result result = new StoreCheck(one, List.of(new References())).run();
      one.close();
      assertThat(result.errors()).isEmpty();
    }
  }

  private BlobId put(PartitionId holder) {
    BlobId blob = BlobId.random(random);
    byte[] octets = new byte[BLOB_BYTES];
    new Random(blob.low()).nextBytes(octets);
    store.blobs().put(holder, List.of(new Blobs.NewBlob(blob, Content.of(octets))));
    return blob;
  }

  private void commit(PartitionId partition, String key, List<BlobId> blobs) {
    WriteBatch batch = new WriteBatch().put(ROWS, key.getBytes(UTF_8), new byte[100]);
    for (BlobId blob : blobs) batch.put(BLOBS, blob.toString().getBytes(UTF_8), new byte[0]);
    store.commit(partition, store.version(partition), CommitId.random(random), batch);
  }

  private Backup.Report backUp() {
    return new Backup(store, backupFolder(), BackupListener.NONE).run();
  }

  private Restore restore() {
    return new Restore(backupFolder(), BackupListener.NONE);
  }

  private static List<String> contents(Store store, PartitionId partition) {
    List<String> rows = new ArrayList<>();
    Optional<byte[]> after = Optional.empty();
    do {
      Store.ScanPage page = store.scan(partition, after);
      for (Store.StoredRow row : page.rows()) {
        rows.add(
            row.collection().number()
                + " "
                + row.once()
                + " "
                + new String(row.key(), UTF_8)
                + " "
                + Checksum.of(row.value()));
      }
      after = page.next();
    } while (after.isPresent());
    return rows;
  }

  private static void assertBlobs(Store store, BlobId... blobs) {
    for (BlobId blob : blobs) {
      byte[] octets = new byte[BLOB_BYTES];
      new Random(blob.low()).nextBytes(octets);
      assertThat(store.blobs().read(blob, 0, BLOB_BYTES)).isEqualTo(octets);
    }
  }

  @Test
  void aWholeStoreComesBackInAnEmptyOne() throws Exception {
    BlobId own = put(A);
    BlobId shared = put(A);
    store.blobs().hold(B, shared);
    commit(A, "1", List.of(own, shared));
    commit(A, "2", List.of());
    commit(B, "1", List.of(shared));
    Backup.Report report = backUp();
    assertThat(report).isEqualTo(new Backup.Report(2, 0, 2, 0, List.of()));

    Store target = opened("target");
    restore().verify();
    restore().all(target);
    assertThat(target.version(A)).isEqualTo(2 + Restore.VERSIONS_SKIPPED);
    assertThat(target.version(B)).isEqualTo(1 + Restore.VERSIONS_SKIPPED);
    assertThat(contents(target, A)).isEqualTo(contents(store, A));
    assertThat(contents(target, B)).isEqualTo(contents(store, B));
    assertBlobs(target, own, shared);
    assertThat(target.blobs().holders(shared)).containsExactlyInAnyOrder(A, B);
    assertThatThrownBy(() -> restore().all(target))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void aSecondBackupWritesOnlyWhatChanged() throws Exception {
    BlobId first = put(A);
    commit(A, "1", List.of(first));
    commit(B, "1", List.of());
    backUp();
    BlobId second = put(B);
    commit(B, "2", List.of(second));
    assertThat(backUp()).isEqualTo(new Backup.Report(1, 1, 1, 1, List.of()));
    assertThat(restore().partitions()).isEqualTo(new TreeMap<>(java.util.Map.of(A, 1L, B, 2L)));
    store.drop(B);
    commit(B, "new", List.of());
    commit(B, "2", List.of());
    // The same version as in the backup, but another partition.
    assertThat(backUp()).isEqualTo(new Backup.Report(1, 1, 0, 1, List.of()));
    try (Stream<Path> files = Files.walk(backupFolder())) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(4); // manifest, two dumps, one blob
    }
    Store target = opened("target");
    restore().all(target);
    assertThat(contents(target, B)).isEqualTo(contents(store, B)).hasSize(2);
    assertThat(target.blobs().find(second)).isEmpty();
  }

  @Test
  void onePartitionComesBackIntoARunningStore() throws Exception {
    BlobId old = put(A);
    commit(A, "1", List.of(old));
    commit(B, "1", List.of());
    List<String> before = contents(store, A);
    backUp();
    BlobId later = put(A);
    commit(A, "2", List.of(later));
    commit(A, "3", List.of());
    assertThatThrownBy(() -> restore().one(store, A, false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("exists");
    restore().one(store, A, true);
    assertThat(contents(store, A)).isEqualTo(before);
    assertThat(store.version(A)).isEqualTo(3 + Restore.VERSIONS_SKIPPED);
    assertBlobs(store, old);
    assertThat(store.blobs().holders(old)).containsExactly(A);
    assertThat(store.version(B)).isEqualTo(1);
    assertThatThrownBy(() -> restore().one(store, new PartitionId("none"), false))
        .isInstanceOf(BackupException.class);
    commit(A, "4", List.of());
  }

  @Test
  void damageInABackupIsFoundBeforeAnythingIsRestored() throws Exception {
    BlobId blob = put(A);
    commit(A, "1", List.of(blob));
    backUp();
    Store target = opened("target");
    Path dump;
    try (Stream<Path> files = Files.list(Backup.partitions(backupFolder()))) {
      dump = files.findFirst().orElseThrow();
    }
    flip(dump, 20);
    assertThatThrownBy(() -> restore().all(target))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(dump.toString());
    flip(dump, 20);
    Path file = Backup.blob(backupFolder(), blob);
    flip(file, 100);
    assertThatThrownBy(() -> restore().verify())
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(blob.toString());
    assertThatThrownBy(() -> restore().all(target)).isInstanceOf(BackupException.class);
    assertThat(target.partitions("", Optional.empty(), 1)).isEmpty();
    assertThat(target.blobs().list(Optional.empty(), 10)).as("nothing was written").isEmpty();
    flip(file, 100);
    flip(backupFolder().resolve("manifest"), 30);
    assertThatThrownBy(this::restore)
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("manifest");
    flip(backupFolder().resolve("manifest"), 30);
    restore().all(target);
  }

  /// A message is delivered, and an entity makes its claim and gets its mailbox, between each two
  /// dumps.
  @Test
  void dumpsOfAStoreThatGoesOnFitEachOther() throws Exception {
    PartitionId queue = new PartitionId("queue/7");
    PartitionId entities = new PartitionId("directory/d/1");
    PartitionId claims = new PartitionId("claim/0");
    PartitionId keys = new PartitionId("keys/m");
    int queued = 20;
    for (int i = 0; i < queued; i++) commit(queue, "message" + i, List.of());
    for (PartitionId other : List.of(A, entities, claims, keys)) commit(other, "first", List.of());
    List<PartitionId> order = new ArrayList<>();
    int[] next = {0};
    BackupListener busy =
        (partition, donePartitions, doneBlobs) -> {
          if (doneBlobs > 0) return;
          order.add(partition);
          int i = next[0]++;
          BlobId delivered = put(A);
          commit(A, "message" + i, List.of(delivered));
          byte[] key = ("message" + i).getBytes(UTF_8);
          store.commit(
              queue,
              store.version(queue),
              CommitId.random(random),
              new WriteBatch().delete(ROWS, key));
          commit(keys, "key" + i, List.of());
          commit(claims, "name" + i, List.of());
          commit(entities, "name" + i, List.of());
        };
    new Backup(store, backupFolder(), busy).run();
    assertThat(order).containsExactly(queue, entities, A, claims, keys);
    Store target = opened("target");
    restore().all(target);
    for (int i = 0; i < queued; i++) {
      byte[] key = ("message" + i).getBytes(UTF_8);
      assertThat(target.get(queue, ROWS, key).isPresent() || target.get(A, ROWS, key).isPresent())
          .as("message %s is in the backup", i)
          .isTrue();
    }
    for (int i = 0; i < next[0]; i++) {
      byte[] name = ("name" + i).getBytes(UTF_8);
      if (target.get(entities, ROWS, name).isPresent()) {
        assertThat(target.get(claims, ROWS, name)).as("claim of entity %s", i).isPresent();
        assertThat(target.get(keys, ROWS, ("key" + i).getBytes(UTF_8))).isPresent();
      }
    }
  }

  private static void flip(Path file, int place) throws IOException {
    byte[] octets = Files.readAllBytes(file);
    octets[place] ^= 1;
    Files.write(file, octets);
  }

  @Test
  void aBackupThatBreaksOffLeavesTheOneBeforeReadable() throws Exception {
    BlobId blob = put(A);
    commit(A, "1", List.of(blob));
    commit(B, "1", List.of());
    backUp();
    commit(A, "2", List.of(put(A)));
    commit(B, "2", List.of());
    for (int stop = 1; stop <= 2; stop++) {
      int at = stop;
      BackupListener breaking =
          (partition, donePartitions, doneBlobs) -> {
            if (donePartitions == at) throw new IllegalStateException("the process ends here");
          };
      assertThatThrownBy(() -> new Backup(store, backupFolder(), breaking).run())
          .isInstanceOf(IllegalStateException.class);
      restore().verify();
      assertThat(restore().partitions().values()).containsExactly(1L, 1L);
    }
    Store target = opened("target");
    restore().all(target);
    assertThat(contents(target, A)).hasSize(2);
    assertThat(backUp().partitionsWritten()).isEqualTo(2);
    restore().verify();
  }

  /// Commits go on during the backup: each partition comes back as it was at one version.
  @Test
  void aBackupOfABusyStoreIsConsistentWithinEachPartition() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    for (int i = 0; i < 200; i++) commit(A, String.format("%05d", i), List.of());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writer =
          threads.submit(() -> {
            Random ids = new Random(9);
            for (int i = 200; !stop.get() && i < 100_000; i++) {
              byte[] key = String.format("%05d", i).getBytes(UTF_8);
              WriteBatch batch = new WriteBatch().put(ROWS, key, new byte[100]);
              store.commit(A, i, CommitId.random(ids), batch);
              if (i % 20 == 0) java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
          });
      for (int i = 0; i < 5; i++) backUp();
      stop.set(true);
      writer.get(30, TimeUnit.SECONDS);
    }
    Store target = opened("target");
    restore().all(target);
    long version = target.version(A) - Restore.VERSIONS_SKIPPED;
    assertThat(contents(target, A)).hasSize((int) version);
  }
}
