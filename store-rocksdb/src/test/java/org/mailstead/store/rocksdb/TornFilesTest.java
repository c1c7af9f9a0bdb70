package org.mailstead.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.ConflictException;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// ISSUE §2 (c): what a power cut leaves. Files are cut back to the length that they had at their
/// last sync, torn behind it, and opened again.
final class TornFilesTest {
  @TempDir Path folder;
  private final Random random = new Random(11);
  private final TestClock clock = new TestClock();
  private final Map<Path, Long> synced = new ConcurrentHashMap<>();

  private Path data() {
    return folder.resolve("data");
  }

  private Path copy() {
    return folder.resolve("copy");
  }

  private RocksStore open(Path path) {
    return open(path, step -> {});
  }

  private RocksStore open(Path path, Step.Listener steps) {
    return RocksStore.open(CrashChild.settings(path), clock, random, steps);
  }

  /// Remembers how long files were when a sync of them had just ended.
  private void remember(Step step) {
    switch (step) {
      case GROUP_SYNCED -> rememberLengths("rows", ".log");
      case BLOB_SYNCED -> rememberLengths("blobs", ".blobs");
      default -> {}
    }
  }

  private void rememberLengths(String part, String suffix) {
    try (Stream<Path> files = Files.list(data().resolve(part))) {
      for (Path file : files.filter(f -> f.toString().endsWith(suffix)).toList()) {
        synced.put(file, Files.size(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void copyAndCut(boolean tear) throws IOException {
    try (Stream<Path> files = Files.walk(data())) {
      for (Path file : files.toList()) {
        Path target = copy().resolve(data().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
          continue;
        }
        Files.copy(file, target);
        Long length = synced.get(file);
        if (length == null) continue;
        try (RandomAccessFile cut = new RandomAccessFile(target.toFile(), "rw")) {
          cut.setLength(length);
          if (!tear || !isLast(file)) continue;
          cut.seek(length);
          byte[] torn = new byte[1 + random.nextInt(4096)];
          random.nextBytes(torn);
          cut.write(torn);
        }
      }
    }
  }

  /// Only the newest log and segment are being written when the power fails.
  private static boolean isLast(Path file) throws IOException {
    String suffix = file.toString().endsWith(".log") ? ".log" : ".blobs";
    try (Stream<Path> files = Files.list(file.getParent())) {
      return files.filter(f -> f.toString().endsWith(suffix)).allMatch(f -> f.compareTo(file) <= 0);
    }
  }

  private BlobId put(RocksStore store, int length) {
    BlobId blob = BlobId.random(random);
    byte[] octets = new byte[length];
    new Random(blob.low()).nextBytes(octets);
    store.blobs().put(Ledger.partition(0), List.of(new Blobs.NewBlob(blob, Content.of(octets))));
    return blob;
  }

  private void assertReadable(RocksStore store, BlobId blob, int length) {
    byte[] octets = new byte[length];
    new Random(blob.low()).nextBytes(octets);
    assertThat(store.blobs().read(blob, 0, length)).isEqualTo(octets);
    assertThat(store.blobs().holders(blob)).containsExactly(Ledger.partition(0));
  }

  @Test
  void whatWasAcknowledgedBeforeTheLastSyncSurvivesCutAndTornFiles() throws Exception {
    for (int round = 0; round < 6; round++) {
      Map<PartitionId, Long> acknowledged = new TreeMap<>();
      List<BlobId> loose = new ArrayList<>();
      try (RocksStore store = open(data(), this::remember)) {
        int count = 1 + random.nextInt(120);
        for (int i = 0; i < count; i++) {
          PartitionId partition = Ledger.partition(random.nextInt(3));
          long version = store.version(partition);
          try {
            Ledger.commit(store, partition, version, random);
            acknowledged.put(partition, version + 1);
          } catch (ConflictException e) {
            throw new AssertionError("nobody else commits", e);
          }
        }
        // Durable in the segment, but their index rows are in no synced log.
        for (int i = 0; i < 3; i++) loose.add(put(store, 5000 + i));
        copyAndCut(round % 2 == 1);
      }
      try (RocksStore store = open(copy())) {
        StoreCheck.Result result = new StoreCheck(store, List.of(new Ledger())).run();
        assertThat(result.errors()).isEmpty();
        acknowledged.forEach((p, version) -> assertThat(store.version(p)).isEqualTo(version));
        for (int i = 0; i < 3; i++) assertReadable(store, loose.get(i), 5000 + i);
        // It goes on in the cut segment.
        BlobId next = put(store, 7000);
        Ledger.commit(store, Ledger.partition(0), store.version(Ledger.partition(0)), random);
        assertReadable(store, next, 7000);
      }
      try (RocksStore store = open(copy())) {
        assertThat(new StoreCheck(store, List.of(new Ledger())).run().errors()).isEmpty();
      }
      deleteCopy();
    }
  }

  private void deleteCopy() throws IOException {
    try (Stream<Path> files = Files.walk(copy())) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(file);
    }
  }

  @Test
  void aHalfWrittenBlobIsCutOffAndTheNextOnesAreWhole() throws Exception {
    BlobId whole;
    try (RocksStore store = open(data(), this::remember)) {
      whole = put(store, 6000);
      store.blobs().holders(whole); // Writes the index row.
      long cut = Files.size(data().resolve("blobs/00000001.blobs"));
      BlobId half = put(store, 9000);
      assertReadable(store, half, 9000);
      synced.put(data().resolve("blobs/00000001.blobs"), cut + 3000);
      copyAndCut(false);
    }
    try (RocksStore store = open(copy())) {
      assertReadable(store, whole, 6000);
      assertThat(store.blobs().list(Optional.empty(), 10)).containsExactly(whole);
      BlobId next = put(store, 8000);
      assertReadable(store, next, 8000);
      assertThat(new StoreCheck(store, List.of()).run().errors()).isEmpty();
    }
  }

  private static void flip(Path file, long place) throws IOException {
    try (RandomAccessFile octets = new RandomAccessFile(file.toFile(), "rw")) {
      octets.seek(place);
      int octet = octets.read();
      octets.seek(place);
      octets.write(octet ^ 1);
    }
  }

  /// Only the newest log can end in an unfinished write; a bad record before it is damage, and
  /// going on without the commits behind it would lose them silently.
  @Test
  void aDamagedOlderLogIsRefusedByNameAndLeftAsItIs() throws Exception {
    try (RocksStore store = open(data())) {
      for (int i = 0; i < 40; i++) Ledger.commit(store, Ledger.partition(0), i, random);
    }
    Path newest;
    try (Stream<Path> files = Files.list(data().resolve("rows"))) {
      newest = files.filter(f -> f.toString().endsWith(".log")).max(Path::compareTo).orElseThrow();
    }
    assertThat(Files.size(newest)).isGreaterThan(10_000);
    Path older = newest.resolveSibling("000001.log");
    Files.copy(newest, older);
    flip(older, Files.size(older) / 2);
    byte[] before = Files.readAllBytes(older);
    assertThatThrownBy(() -> open(data()))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(older.toString())
        .hasMessageContaining("damaged at octet")
        .hasMessageNotContaining("\n");
    assertThat(Files.readAllBytes(older)).isEqualTo(before);
    // The refusal gave the folder's lock back and changed nothing.
    Files.delete(older);
    try (RocksStore store = open(data())) {
      assertThat(store.version(Ledger.partition(0))).isEqualTo(40);
      assertThat(new StoreCheck(store, List.of(new Ledger())).run().errors()).isEmpty();
    }
  }

  @Test
  void aDamagedBlobIsReportedByNameAndCostsOnlyItself() throws Exception {
    BlobId first;
    BlobId damaged;
    BlobId last;
    Path segment = data().resolve("blobs/00000001.blobs");
    try (RocksStore store = open(data())) {
      first = put(store, 6000);
      damaged = put(store, 6000);
      last = put(store, 6000);
    }
    flip(segment, SegmentFiles.PREAMBLE_BYTES + 6048 + 3000);
    try (RocksStore store = open(data())) {
      assertThatThrownBy(() -> store.blobs().read(damaged, 0, 6000))
          .isInstanceOfSatisfying(
              DamagedBlobException.class, e -> assertThat(e.blob()).isEqualTo(damaged));
      assertReadable(store, first, 6000);
      assertReadable(store, last, 6000);
      assertThat(new StoreCheck(store, List.of()).run().errors())
          .satisfiesExactly(text -> assertThat(text).contains(damaged.toString()));
    }
  }

  @Test
  void aSegmentThatLostItsEndCostsOnlyWhatWasThere() throws Exception {
    BlobId kept;
    BlobId lost;
    Path segment = data().resolve("blobs/00000001.blobs");
    try (RocksStore store = open(data())) {
      kept = put(store, 6000);
      lost = put(store, 6000);
    }
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.setLength(file.length() - 10);
    }
    try (RocksStore store = open(data())) {
      assertReadable(store, kept, 6000);
      assertThatThrownBy(() -> store.blobs().read(lost, 0, 6000))
          .isInstanceOf(DamagedBlobException.class)
          .hasMessageContaining(lost.toString());
      BlobId next = put(store, 6000);
      assertReadable(store, next, 6000);
      assertThatThrownBy(() -> store.blobs().read(lost, 0, 6000))
          .isInstanceOf(DamagedBlobException.class);
      assertThat(new StoreCheck(store, List.of()).run().errors())
          .isNotEmpty()
          .allSatisfy(text -> assertThat(text).contains(lost.toString()));
    }
  }
}
