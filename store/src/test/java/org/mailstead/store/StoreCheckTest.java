package org.mailstead.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;

/// The check of a store that changes meanwhile: each change comes from inside a partition's check,
/// at the worst moment.
final class StoreCheckTest {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final PartitionId BOX = new PartitionId("mailbox/1");
  private static final PartitionId OTHER = new PartitionId("mailbox/2");

  private final MemoryStore store = new MemoryStore();
  private final Random random = new Random(4);

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void commit(PartitionId partition) {
    WriteBatch batch = new WriteBatch().put(ROWS, "a".getBytes(UTF_8), new byte[1]);
    store.commit(partition, store.version(partition), CommitId.random(random), batch);
  }

  private BlobId put(PartitionId holder) {
    BlobId blob = BlobId.random(random);
    store.blobs().put(holder, List.of(new Blobs.NewBlob(blob, Content.of(new byte[100]))));
    return blob;
  }

  private StoreCheck.Result check(BiConsumer<PartitionId, Findings> check) {
    PartitionCheck all =
        new PartitionCheck() {
          @Override
          public boolean covers(PartitionId partition) {
            return true;
          }

          @Override
          public void check(Store checked, PartitionId partition, Findings findings) {
            check.accept(partition, findings);
          }
        };
    return new StoreCheck(store, List.of(all)).run();
  }

  @Test
  void whatWasFoundWhileThePartitionChangedDoesNotCount() {
    commit(BOX);
    AtomicInteger runs = new AtomicInteger();
    StoreCheck.Result result =
        check((partition, findings) -> {
          if (runs.incrementAndGet() > 3) return;
          findings.error("seen half-way");
          findings.refersTo(partition, new BlobId(1, 1));
          commit(BOX);
        });
    assertThat(result.errors()).isEmpty();
    assertThat(result.warnings()).isEmpty();
    assertThat(result.partitionCount()).isEqualTo(1);
    assertThat(result.referenceCount()).isZero();
    assertThat(runs).hasValue(4);
  }

  @Test
  void aPartitionThatChangesAllTheTimeIsNamedAndNotJudged() {
    commit(BOX);
    commit(OTHER);
    put(BOX);
    AtomicInteger runs = new AtomicInteger();
    StoreCheck.Result result =
        check((partition, findings) -> {
          if (!partition.equals(BOX)) return;
          runs.incrementAndGet();
          findings.error("seen half-way");
          commit(BOX);
        });
    assertThat(result.errors()).isEmpty();
    assertThat(result.warnings())
        .satisfiesExactly(text -> assertThat(text).contains(BOX.value(), "was not checked"));
    assertThat(result.partitionCount()).isEqualTo(1);
    assertThat(runs).hasValue(StoreCheck.ATTEMPTS_MAX);
  }

  /// An entity is committed, its claim in another partition a moment later.
  @Test
  void anErrorCountsOnlyIfItIsFoundAgain() {
    commit(BOX);
    AtomicInteger runs = new AtomicInteger();
    StoreCheck.Result passing =
        check((partition, findings) -> {
          if (runs.incrementAndGet() < StoreCheck.CONFIRMATIONS) findings.error("not yet there");
        });
    assertThat(passing.errors()).isEmpty();
    StoreCheck.Result lasting =
        check((partition, findings) -> {
          findings.error("lasting");
          if (runs.incrementAndGet() % 2 == 0) findings.error("passing");
        });
    assertThat(lasting.errors()).containsExactly("lasting");
    assertThat(lasting.errorCount()).isEqualTo(1);
  }

  @Test
  void aReferenceThatWasDroppedAfterThePartitionWasCheckedIsNoError() {
    commit(BOX);
    commit(OTHER);
    BlobId dropped = put(BOX);
    StoreCheck.Result result =
        check((partition, findings) -> {
          if (partition.equals(BOX)) {
            findings.refersTo(BOX, dropped);
          } else {
            commit(BOX);
            store.blobs().release(BOX, dropped);
          }
        });
    assertThat(result.errors()).isEmpty();
    assertThat(result.warnings()).isEmpty();
    assertThat(result.referenceCount()).isEqualTo(1);
  }

  @Test
  void aBlobThatIsReferredToAfterThePartitionWasCheckedIsNoStray() {
    commit(BOX);
    commit(OTHER);
    List<BlobId> stray = new ArrayList<>();
    StoreCheck.Result result =
        check((partition, findings) -> {
          if (!partition.equals(OTHER)) return;
          put(BOX);
          commit(BOX);
          stray.add(put(OTHER));
        });
    assertThat(result.errors()).isEmpty();
    assertThat(result.warnings())
        .satisfiesExactly(
            text -> assertThat(text).contains(OTHER.value(), stray.getFirst().toString()));
  }

  @Test
  void aPartitionThatIsDroppedMeanwhileIsNotCounted() {
    commit(BOX);
    commit(OTHER);
    StoreCheck.Result result =
        check((partition, findings) -> {
          if (partition.equals(BOX)) findings.refersTo(BOX, new BlobId(1, 1));
          store.drop(BOX);
        });
    assertThat(result.errors()).isEmpty();
    assertThat(result.partitionCount()).isEqualTo(1);
  }
}
