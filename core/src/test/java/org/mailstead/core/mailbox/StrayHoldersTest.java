package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.BOB;
import static org.mailstead.core.mailbox.MailboxFixture.ORGANIZATION;
import static org.mailstead.core.mailbox.MailboxFixture.message;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.content.StagedContent;
import org.mailstead.store.Blobs;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;
import org.mailstead.store.TestClock;
import org.mailstead.store.UnknownOutcomeException;

/// Blobs that a crash has left between staging and commit are found and given back; those of
/// deliveries under way are not touched.
final class StrayHoldersTest {
  private static final String LARGE = "x".repeat(30_000);

  private final Path folder;
  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore(clock);
  private final FaultPlan faults = new FaultPlan();
  private final MailboxFixture fixture;

  StrayHoldersTest(@TempDir Path folder) {
    this.folder = folder;
    fixture = new MailboxFixture(store, inner -> new FailingStore(inner, faults), folder, clock);
  }

  private int blobCount() {
    return store.blobs().list(Optional.empty(), 1000).size();
  }

  private long holderCount() {
    return store.blobs().listHolders(Optional.empty(), 1000).values().stream()
        .mapToLong(List::size)
        .sum();
  }

  private void sweepAfterADay() {
    store.blobs().sweep();
    clock.advance(Blobs.UNHELD_KEPT);
    store.blobs().sweep();
  }

  @Test
  void whatACrashLeavesBetweenStagingAndCommitIsReleasedAndSwept() {
    Mailbox ann = fixture.mailbox(ANN);
    ann.append(ann.inbox(), List.of(message("kept", LARGE)));
    for (int kind = 0; kind < 3; kind++) {
      FaultPlan.Fault fault =
          kind == 2 ? FaultPlan.Fault.UNAVAILABLE_BEFORE : FaultPlan.Fault.UNKNOWN_BEFORE;
      faults.fail(1, 100, fault, FaultPlan.Call.COMMIT, FaultPlan.Call.OUTCOME);
      boolean appended = kind == 0;
      assertThatThrownBy(
              () -> {
                if (appended) ann.append(ann.inbox(), List.of(message("lost", LARGE)));
                else ann.deliver(ann.inbox(), message("lost", LARGE), "id");
              })
          .isInstanceOf(UnavailableException.class);
      faults.heal();
    }
    assertThat(blobCount()).isEqualTo(4);
    assertThat(fixture.check().warnings()).hasSize(3);

    // The process ends here.
    fixture.reopen();
    fixture.mailboxes().purge();
    assertThat(fixture.check().warnings()).isEmpty();
    assertThat(holderCount()).isEqualTo(1);
    sweepAfterADay();
    assertThat(blobCount()).isEqualTo(1);
    Mailbox again = fixture.mailbox(ANN);
    assertThat(MailboxFixture.read(again, again.view(again.inbox()), 1))
        .isEqualTo(MailboxFixture.bytes("kept", LARGE));
    assertThat(fixture.check().warnings()).isEmpty();
  }

  @Test
  void aCommitThatSurelyFailedIsReleasedInTheSameRunAndALostAnswerIsLeftAlone() {
    Mailbox ann = fixture.mailbox(ANN);
    faults.fail(1, 1, FaultPlan.Fault.UNAVAILABLE_BEFORE, FaultPlan.Call.COMMIT);
    assertThatThrownBy(() -> ann.append(ann.inbox(), List.of(message("failed", LARGE))))
        .isInstanceOf(UnavailableException.class);
    faults.fail(
        1, 100, FaultPlan.Fault.UNKNOWN_AFTER, FaultPlan.Call.COMMIT, FaultPlan.Call.OUTCOME);
    assertThatThrownBy(() -> ann.append(ann.inbox(), List.of(message("perhaps", LARGE))))
        .isInstanceOf(UnknownOutcomeException.class);
    // Nobody may decide while the store cannot say what has happened.
    assertThatThrownBy(() -> fixture.mailboxes().releaseStrayHolders())
        .isInstanceOf(UnavailableException.class);
    assertThat(holderCount()).isEqualTo(2);
    faults.heal();

    assertThat(fixture.mailboxes().releaseStrayHolders()).isEqualTo(1);
    assertThat(MailboxFixture.read(ann, ann.view(ann.inbox()), 1))
        .isEqualTo(MailboxFixture.bytes("perhaps", LARGE));
    assertThat(fixture.check().warnings()).isEmpty();
  }

  /// The delivery stands still between its staging and its commit while the job runs.
  @Test
  void aDeliveryThatHasStagedButNotCommittedIsNotHurt() throws Exception {
    CountDownLatch staged = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean holdUp = new AtomicBoolean();
    MailboxFixture slow =
        new MailboxFixture(
            store, inner -> new PausingStore(inner, holdUp, staged, goOn), folder, clock);
    Mailbox ann = slow.mailbox(ANN);
    holdUp.set(true);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> delivery =
          threads.submit(() -> ann.deliver(ann.inbox(), message("slow", LARGE), "d"));
      assertThat(staged.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(holderCount()).isEqualTo(1);
      clock.advance(Blobs.UNHELD_KEPT.multipliedBy(3));
      assertThat(slow.mailboxes().releaseStrayHolders()).isZero();
      sweepAfterADay();
      goOn.countDown();
      delivery.get(10, TimeUnit.SECONDS);
    }
    assertThat(slow.mailboxes().releaseStrayHolders()).isZero();
    assertThat(MailboxFixture.read(ann, ann.view(ann.inbox()), 1))
        .isEqualTo(MailboxFixture.bytes("slow", LARGE));
    assertThat(slow.check().warnings()).isEmpty();
  }

  /// Stops after a put, where a crash would leave a stray holder.
  private static final class PausingStore extends ForwardingStore {
    private final AtomicBoolean holdUp;
    private final CountDownLatch staged;
    private final CountDownLatch goOn;

    PausingStore(Store inner, AtomicBoolean holdUp, CountDownLatch staged, CountDownLatch goOn) {
      super(inner);
      this.holdUp = holdUp;
      this.staged = staged;
      this.goOn = goOn;
    }

    @Override
    protected void afterPut() {
      if (!holdUp.get()) return;
      staged.countDown();
      try {
        assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Deliveries of own and of shared contents, expunges, purges and this job, all at once.
  @Test
  void besideDeliveriesNothingThatIsReferredToIsReleased() throws Exception {
    Mailbox ann = fixture.mailbox(ANN);
    Mailbox bob = fixture.mailbox(BOB);
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        writers.add(
            threads.submit(() -> {
              for (int i = 0; i < 60; i++) {
                String name = thread + "." + i;
                ann.deliver(ann.inbox(), message(name, LARGE), name);
                StagedContent shared =
                    fixture
                        .contents()
                        .stage(
                            ORGANIZATION,
                            ann.partition(),
                            List.of(Content.of(MailboxFixture.bytes(name, LARGE))))
                        .getFirst();
                StagedMessage message =
                    new StagedMessage(
                        shared,
                        MessageIndex.scan(Content.of(MailboxFixture.bytes(name, LARGE))),
                        0,
                        Set.of(),
                        Instant.ofEpochSecond(1_700_000_000));
                bob.deliver(bob.inbox(), message, name);
                fixture.contents().release(ann.partition(), shared);
              }
            }));
      }
      Future<?> job =
          threads.submit(() -> {
            while (!stop.get()) fixture.mailboxes().releaseStrayHolders();
          });
      for (Future<?> writer : writers) writer.get(60, TimeUnit.SECONDS);
      stop.set(true);
      job.get(60, TimeUnit.SECONDS);
    }
    assertThat(ann.view(ann.inbox()).count()).isEqualTo(240);
    assertThat(bob.view(bob.inbox()).count()).isEqualTo(240);
    assertThat(holderCount()).isEqualTo(480);
    assertThat(fixture.check().warnings()).isEmpty();
  }
}
