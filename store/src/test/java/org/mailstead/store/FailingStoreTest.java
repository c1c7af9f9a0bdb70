package org.mailstead.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;

final class FailingStoreTest {
  private static final PartitionId BOX = new PartitionId("mailbox/1");
  private static final Collection ROWS = new Collection(1, "rows");

  private final MemoryStore inner = new MemoryStore();
  private final FaultPlan plan = new FaultPlan();
  private final FailingStore store = new FailingStore(inner, plan);

  private long commit(long expectedVersion, long commitId) {
    WriteBatch batch = new WriteBatch().put(ROWS, new byte[] {1}, new byte[] {2});
    return store.commit(BOX, expectedVersion, new CommitId(0, commitId), batch);
  }

  @Test
  void aFaultBeforeTheCallLeavesNoTrace() {
    plan.failNth(2, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
    assertThat(commit(0, 1)).isEqualTo(1);
    assertThatThrownBy(() -> commit(1, 2)).isExactlyInstanceOf(UnavailableException.class);
    assertThat(store.outcome(BOX, new CommitId(0, 2))).isEmpty();
    assertThat(commit(1, 3)).isEqualTo(2);
    assertThat(plan.callCount()).isEqualTo(3);
  }

  @Test
  void anUnknownOutcomeIsSettledByTheCommitId() {
    plan.failNth(1, Fault.UNKNOWN_AFTER, Call.COMMIT);
    assertThatThrownBy(() -> commit(0, 1)).isInstanceOf(UnknownOutcomeException.class);
    assertThat(store.outcome(BOX, new CommitId(0, 1))).hasValue(1);
    plan.failNth(1, Fault.UNKNOWN_BEFORE, Call.COMMIT);
    assertThatThrownBy(() -> commit(1, 2)).isInstanceOf(UnknownOutcomeException.class);
    assertThat(store.outcome(BOX, new CommitId(0, 2))).isEmpty();
  }

  @Test
  void blobCallsFailBeforeOrAfterTheyTookEffect() {
    BlobId before = new BlobId(0, 1);
    BlobId after = new BlobId(0, 2);
    plan.failNth(1, Fault.UNAVAILABLE_BEFORE);
    assertThatThrownBy(() -> put(before)).isInstanceOf(UnavailableException.class);
    plan.failNth(1, Fault.UNAVAILABLE_AFTER, Call.BLOB_PUT);
    assertThatThrownBy(() -> put(after)).isInstanceOf(UnavailableException.class);
    plan.heal();
    assertThat(store.blobs().find(before)).isEmpty();
    assertThat(store.blobs().find(after)).contains(3L);
  }

  private void put(BlobId blob) {
    store.blobs().put(BOX, List.of(new Blobs.NewBlob(blob, Content.of(new byte[3]))));
  }
}
