package org.mailstead.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;
import org.mailstead.store.WriteBatch;

/// Space comes back, and what is still held stays.
final class BlobSweepTest {
  private static final PartitionId BOX = new PartitionId("mailbox/1");
  private static final int BLOB_BYTES = 10_000;

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final Random random = new Random(2);
  private RocksStore store;

  @BeforeEach
  void open() {
    RocksSettings settings =
        new RocksSettings(folder, RocksSettings.CACHE_BYTES_MIN, RocksSettings.SEGMENT_BYTES_MIN);
    store = RocksStore.open(settings, clock, random);
  }

  @AfterEach
  void checkAndClose() {
    StoreCheck.Result result = new StoreCheck(store, List.of()).run();
    store.close();
    assertThat(result.errors()).isEmpty();
  }

  private BlobId put() {
    BlobId blob = BlobId.random(random);
    byte[] octets = new byte[BLOB_BYTES];
    new Random(blob.low()).nextBytes(octets);
    store.blobs().put(BOX, List.of(new Blobs.NewBlob(blob, Content.of(octets))));
    return blob;
  }

  private void assertWhole(BlobId blob) {
    byte[] octets = new byte[BLOB_BYTES];
    new Random(blob.low()).nextBytes(octets);
    assertThat(store.blobs().read(blob, 0, BLOB_BYTES)).isEqualTo(octets);
    assertThat(store.blobs().holders(blob)).containsExactly(BOX);
  }

  private long segmentOctets() throws IOException {
    long octets = 0;
    try (Stream<Path> files = Files.list(folder.resolve("blobs"))) {
      for (Path file : files.toList()) octets += Files.size(file);
    }
    return octets;
  }

  @Test
  void segmentsThatAreMostlyGarbageAreCopiedAndRemoved() throws Exception {
    List<BlobId> kept = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      BlobId blob = put();
      if (i % 10 == 0) kept.add(blob);
      else store.blobs().release(BOX, blob);
    }
    long before = segmentOctets();
    assertThat(before).isGreaterThan(60 * BLOB_BYTES);
    assertThat(store.blobs().sweep()).isEqualTo(new Blobs.Swept(0, 0));
    clock.advance(Blobs.UNHELD_KEPT);
    Blobs.Swept swept = store.blobs().sweep();
    assertThat(swept.blobsRemoved()).isEqualTo(54);
    assertThat(swept.octetsFreed()).isGreaterThan(40 * BLOB_BYTES);
    assertThat(segmentOctets()).isLessThan(20 * BLOB_BYTES);
    kept.forEach(this::assertWhole);
    store.close();
    open();
    kept.forEach(this::assertWhole);
    assertThat(store.blobs().list(java.util.Optional.empty(), 100)).hasSize(6);
  }

  @Test
  void outcomesAreForgottenSomeTimeAfterAnHour() {
    CommitId first = CommitId.random(random);
    store.commit(BOX, 0, first, new WriteBatch());
    clock.advance(Duration.ofMinutes(61));
    store.commit(BOX, 1, CommitId.random(random), new WriteBatch());
    assertThat(store.outcome(BOX, first)).as("kept an hour at least").hasValue(1);
    clock.advance(Duration.ofMinutes(20));
    store.commit(BOX, 2, CommitId.random(random), new WriteBatch());
    assertThat(store.outcome(BOX, first)).isEqualTo(OptionalLong.empty());
    store.close();
    open();
    assertThat(store.version(BOX)).isEqualTo(3);
    assertThat(store.outcome(BOX, first)).isEqualTo(OptionalLong.empty());
  }

  @Test
  void anInterruptedReaderHarmsNobody() throws Exception {
    BlobId blob = put();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              assertWhole(blob);
              store.commit(BOX, 0, CommitId.random(random), new WriteBatch());
            });
    reader.join();
    assertThat(store.version(BOX)).as("the interrupted thread went on").isEqualTo(1);
    assertWhole(blob);
  }
}
