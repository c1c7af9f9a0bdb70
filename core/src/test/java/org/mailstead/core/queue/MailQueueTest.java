package org.mailstead.core.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Fault;

class MailQueueTest {
  private static final String LARGE = "x".repeat(50_000);

  private final QueueFixture fixture = new QueueFixture();

  @Test
  void anEntryComesBackAsItWasAccepted() {
    NewEntry entry = fixture.entry(130, LARGE);
    Claim accepted = fixture.queue.accept(List.of(entry)).getFirst();
    fixture.queue.release(accepted);

    Claim claim = fixture.claimDue().getFirst();

    assertThat(claim.id()).isEqualTo(entry.id());
    assertThat(claim.envelope()).isEqualTo(entry.envelope());
    assertThat(claim.recipients()).isEqualTo(entry.recipients());
    assertThat(claim.state(129).isPending()).isTrue();
    assertThat(fixture.text(claim)).isEqualTo(LARGE);
    assertThat(fixture.check().warningCount()).isZero();
  }

  @Test
  void aHeldEntryIsNotTriedUntilItIsReleased() {
    NewEntry entry = fixture.entry(2, LARGE);
    Claim claim = fixture.queue.accept(List.of(entry)).getFirst();
    assertThat(fixture.queue.hold(entry.id())).isEqualTo(MailQueue.Operated.WORKED_ON);
    fixture.queue.release(claim);
    assertThat(fixture.queue.hold(entry.id())).isEqualTo(MailQueue.Operated.DONE);
    assertThat(fixture.queue.hold(entry.id())).isEqualTo(MailQueue.Operated.NOTHING_TO_DO);
    assertThat(fixture.queue.retry(entry.id())).isEqualTo(MailQueue.Operated.NOTHING_TO_DO);
    fixture.clock.advance(Duration.ofDays(400));
    assertThat(fixture.claimDue()).isEmpty();
    fixture.restart();
    fixture.queue.recover();
    assertThat(fixture.claimDue()).isEmpty();
    var status = new QueueStatus(fixture.memory, fixture.clock);
    assertThat(status.find(entry.id()).orElseThrow().summary().isHeld()).isTrue();
    assertThat(fixture.queue.unhold(entry.id())).isEqualTo(MailQueue.Operated.DONE);
    assertThat(fixture.queue.unhold(entry.id())).isEqualTo(MailQueue.Operated.NOTHING_TO_DO);
    assertThat(fixture.claimDue()).hasSize(1);
    fixture.check();
  }

  @Test
  void aDeletedEntryIsGoneWithItsContentAndStatesInOneCommit() {
    NewEntry entry = fixture.entry(130, LARGE);
    Claim claim = fixture.queue.accept(List.of(entry)).getFirst();
    assertThat(fixture.queue.delete(entry.id())).isEqualTo(MailQueue.Operated.WORKED_ON);
    SortedMap<Integer, RecipientState> states = new TreeMap<>();
    states.put(3, claim.state(3).delivered("250 ok"));
    states.put(4, claim.state(4).retried(Instant.EPOCH, "450 no"));
    fixture.queue.record(claim, states, List.of(), true);
    assertThat(fixture.queue.hold(entry.id())).isEqualTo(MailQueue.Operated.DONE);
    assertThat(fixture.queue.delete(entry.id())).isEqualTo(MailQueue.Operated.DONE);
    assertThat(fixture.queue.delete(entry.id())).isEqualTo(MailQueue.Operated.NOT_FOUND);
    assertThat(fixture.queue.hold(entry.id())).isEqualTo(MailQueue.Operated.NOT_FOUND);
    var blob = fixture.memory.blobs().list(Optional.empty(), 10).getFirst();
    assertThat(fixture.memory.blobs().holders(blob)).isEmpty();
    assertThat(fixture.check().warningCount()).isZero();
  }

  @Test
  void aSmallContentRidesInTheCommitAndALargeOneIsABlobOfTheShard() {
    fixture.queue.release(fixture.queue.accept(List.of(fixture.entry(1, "small"))).getFirst());
    assertThat(fixture.memory.blobs().list(Optional.empty(), 10)).isEmpty();

    Claim large = fixture.queue.accept(List.of(fixture.entry(1, LARGE))).getFirst();
    assertThat(fixture.memory.blobs().list(Optional.empty(), 10)).hasSize(1);
    finish(large);

    // The shard holds the blob no longer: the sweeper may take it.
    var blob = fixture.memory.blobs().list(Optional.empty(), 10).getFirst();
    assertThat(fixture.memory.blobs().holders(blob)).isEmpty();
    assertThat(fixture.check().warningCount()).isZero();
  }

  @Test
  void whatACrashLeavesBetweenStagingAndAcceptanceIsReleasedAndSwept() {
    NewEntry kept = fixture.entry(1, LARGE);
    fixture.queue.release(fixture.queue.accept(List.of(kept)).getFirst());
    for (int i = 0; i < 5; i++) fixture.entry(1, LARGE);
    assertThat(fixture.check().warnings()).hasSize(5);
    // Staged, and perhaps accepted later: it is not touched, however long it takes.
    NewEntry slow = fixture.entry(1, LARGE);
    fixture.clock.advance(Duration.ofDays(3));
    assertThat(fixture.queue.releaseStrayHolders()).isZero();
    fixture.queue.release(fixture.queue.accept(List.of(slow)).getFirst());
    assertThat(fixture.queue.releaseStrayHolders()).isZero();

    fixture.restart();
    fixture.queue.recover();
    assertThat(fixture.queue.releaseStrayHolders()).isEqualTo(5);
    assertThat(fixture.check().warnings()).isEmpty();
    fixture.memory.blobs().sweep();
    fixture.clock.advance(Duration.ofHours(24));
    assertThat(fixture.memory.blobs().sweep().blobsRemoved()).isEqualTo(5);
    for (Claim claim : fixture.claimDue()) {
      assertThat(fixture.text(claim)).isEqualTo(LARGE);
      finish(claim);
    }
    fixture.checkEmpty();
  }

  @Test
  void anEntryGoesWithItsLastRecipient() {
    Claim claim = fixture.queue.accept(List.of(fixture.entry(3, "text"))).getFirst();
    SortedMap<Integer, RecipientState> first = new TreeMap<>();
    first.put(0, claim.state(0).delivered("250 2.1.5 OK"));
    first.put(1, retried(claim, 1, Duration.ofMinutes(5)));
    first.put(2, retried(claim, 2, Duration.ofMinutes(9)));
    fixture.queue.record(claim, first, List.of(), true);

    assertThat(fixture.claimDue()).isEmpty();
    fixture.clock.advance(Duration.ofMinutes(5));
    fixture.check();
    Claim again = fixture.claimDue().getFirst();
    assertThat(again.state(0).status()).isEqualTo(RecipientState.Status.DELIVERED);
    assertThat(again.state(0).lastReply()).isEqualTo("250 2.1.5 OK");
    assertThat(again.state(1).attempts()).isEqualTo(1);
    assertThat(again.state(2).attempts()).isEqualTo(1);
    finish(again);

    fixture.checkEmpty();
  }

  @Test
  void theTimeIndexHandsOutTheOldestFirstAndNothingEarly() {
    for (int minutes : new int[] {30, 10, 20}) {
      QueueId id = fixture.queue.newId(7);
      Claim claim = fixture.queue.accept(List.of(fixture.entry(id, 1, "text"))).getFirst();
      recordOne(claim, retried(claim, 0, Duration.ofMinutes(minutes)));
    }
    assertThat(fixture.queue.findNextDue(7)).isPresent();
    assertThat(fixture.queue.claimDue(7, 10)).isEmpty();
    assertThat(fixture.queue.findNextDue(7))
        .contains(fixture.clock.instant().plus(Duration.ofMinutes(10)));

    fixture.clock.advance(Duration.ofMinutes(20));
    List<Claim> claims = fixture.queue.claimDue(7, 1);
    claims = append(claims, fixture.queue.claimDue(7, 10));

    assertThat(claims).hasSize(2);
    assertThat(claims.getFirst().state(0).nextAttempt())
        .isBefore(claims.getLast().state(0).nextAttempt());
    fixture.check();
  }

  @Test
  void whatNobodyWantsIsPassedOverAFewRowsAtATime() {
    int bulk = 2 * QueueLimits.LOOK_ROWS_MAX + 100;
    for (int i = 0; i < bulk; i++) {
      NewEntry entry = fixture.entry(fixture.queue.newId(7), 1, "bulk");
      fixture.queue.release(fixture.queue.accept(List.of(entry)).getFirst());
    }
    fixture.clock.advance(Duration.ofMinutes(1));
    QueueId id = fixture.queue.newId(7);
    fixture.queue.release(fixture.queue.accept(List.of(fixture.entry(id, 2, "one"))).getFirst());

    List<Claim> found = new ArrayList<>();
    int seenMost = 0;
    int looks = 0;
    while (found.isEmpty()) {
      assertThat(looks++).isLessThan(4);
      assertThat(fixture.queue.findNextDue(7)).isPresent();
      MailQueue.Due due =
          fixture.queue.claimDue(7, 50, (_, lane) -> lane.destination() == Lane.SEVERAL);
      found.addAll(due.claims());
      seenMost = Math.max(seenMost, due.seen());
    }
    assertThat(found).singleElement().satisfies(claim -> assertThat(claim.id()).isEqualTo(id));
    assertThat(seenMost).isLessThanOrEqualTo(QueueLimits.LOOK_ROWS_MAX);
    assertThat(looks).isEqualTo(3);
    // The others are all there, and come when they are wanted.
    int others = 0;
    while (true) {
      List<Claim> claims = fixture.queue.claimDue(7, 500);
      if (claims.isEmpty()) break;
      others += claims.size();
    }
    assertThat(others).isEqualTo(bulk);
    fixture.check();
  }

  @Test
  void theLaneOfAnEntryIsWhatIsLeftOfIt() {
    QueueId id = fixture.queue.newId(7);
    Claim claim = fixture.queue.accept(List.of(fixture.entry(id, 4, "text"))).getFirst();
    assertThat(claim.lane().destination()).isEqualTo(Lane.SEVERAL);
    SortedMap<Integer, RecipientState> changes = new TreeMap<>();
    for (int i : List.of(0, 2)) changes.put(i, claim.state(i).delivered("250"));
    for (int i : List.of(1, 3)) changes.put(i, retried(claim, i, Duration.ofMinutes(1)));
    fixture.queue.record(claim, changes, List.of(), true);
    fixture.clock.advance(Duration.ofHours(1));
    Claim again = fixture.queue.claimDue(7, 10).getFirst();
    assertThat(again.lane().isRelayed()).isTrue();
    assertThat(again.lane().isDomain()).isTrue();
    assertThat(again.lane().sender()).isEqualTo(claim.lane().sender());
    fixture.check();
  }

  @Test
  void aClaimedEntryIsNotHandedOutAgainWhileItIsWorkedOn() {
    Claim claim = fixture.queue.accept(List.of(fixture.entry(1, "text"))).getFirst();
    assertThat(fixture.claimDue()).isEmpty();

    // Even long after the claim would have lapsed: this run knows that it is at work.
    fixture.clock.advance(QueueLimits.CLAIM_DURATION.multipliedBy(3));
    assertThat(fixture.claimDue()).isEmpty();
    finish(claim);
    fixture.checkEmpty();
  }

  @Test
  void aLapsedClaimOfAnotherNodeIsTakenOverAndItsHolderHearsOfIt() {
    MailQueue other = fixture.open("other node");
    Claim lost = other.accept(List.of(fixture.entry(1, "text"))).getFirst();
    assertThat(fixture.queue.recover()).as("a living node's claim").isZero();
    assertThat(fixture.claimDue()).isEmpty();

    fixture.clock.advance(QueueLimits.CLAIM_DURATION);
    fixture.queue.lookAgain();
    Claim taken = fixture.claimDue().getFirst();

    assertThat(taken.id()).isEqualTo(lost.id());
    assertThatThrownBy(() -> other.release(lost)).isInstanceOf(ClaimLostException.class);
    finish(taken);
    fixture.checkEmpty();
  }

  @Test
  void aRenewedClaimDoesNotLapse() {
    MailQueue other = fixture.open("other node");
    Claim claim = other.accept(List.of(fixture.entry(1, "text"))).getFirst();
    fixture.clock.advance(QueueLimits.CLAIM_DURATION.minusMinutes(1));
    assertThat(other.claimsUntil(fixture.clock.instant().plus(Duration.ofMinutes(2))))
        .containsExactly(claim);
    other.renew(claim);

    fixture.clock.advance(Duration.ofMinutes(5));
    assertThat(fixture.claimDue()).isEmpty();
    assertThat(claim.until()).isAfter(fixture.clock.instant());
    fixture.check();
  }

  @Test
  void aRestartTakesUpWhatTheEarlierRunHadClaimed() {
    for (int i = 0; i < 20; i++) fixture.queue.accept(List.of(fixture.entry(2, LARGE)));
    fixture.restart();

    assertThat(fixture.queue.recover()).isEqualTo(20);
    List<Claim> claims = fixture.claimDue();
    assertThat(claims).hasSize(20);
    claims.forEach(this::finish);
    fixture.checkEmpty();
  }

  @Test
  void aReportIsQueuedInTheSameCommitAsTheResultThatItReports() {
    Claim claim = fixture.queue.accept(List.of(fixture.entry(1, "text"))).getFirst();
    NewEntry report = fixture.entry(fixture.queue.newId(claim.id().shard()), 1, "report");
    fixture.faults.failNth(1, Fault.UNAVAILABLE_BEFORE, FaultPlan.Call.COMMIT);
    SortedMap<Integer, RecipientState> failed =
        new TreeMap<>(Map.of(0, claim.state(0).failed("550 5.1.1 No")));

    assertThatThrownBy(() -> fixture.queue.record(claim, failed, List.of(report), true))
        .isInstanceOf(UnavailableException.class);
    assertThat(status().list(Optional.empty(), 10)).hasSize(1);

    List<Claim> reports = fixture.queue.record(claim, failed, List.of(report), true);
    assertThat(reports).hasSize(1);
    assertThat(status().list(Optional.empty(), 10))
        .singleElement()
        .satisfies(left -> assertThat(left.id()).isEqualTo(report.id()));
    finish(reports.getFirst());
    fixture.checkEmpty();
  }

  @Test
  void entriesOfOneAcceptanceAreQueuedAllOrNone() {
    QueueId first = fixture.queue.newId(3);
    QueueId second = fixture.queue.newId(3);
    List<NewEntry> entries = List.of(fixture.entry(first, 2, "a"), fixture.entry(second, 2, LARGE));
    fixture.faults.failNth(1, Fault.UNAVAILABLE_BEFORE, FaultPlan.Call.COMMIT);
    assertThatThrownBy(() -> fixture.queue.accept(entries))
        .isInstanceOf(UnavailableException.class);
    assertThat(status().counts().entries()).isZero();

    assertThat(fixture.queue.accept(entries)).hasSize(2);
    assertThat(status().counts().entries()).isEqualTo(2);
    fixture.check();
  }

  @Test
  void anUnknownOutcomeIsSettledAndNothingIsQueuedTwice() {
    for (Fault fault : List.of(Fault.UNKNOWN_BEFORE, Fault.UNKNOWN_AFTER)) {
      fixture.faults.failNth(1, fault, FaultPlan.Call.COMMIT);
      Claim claim = fixture.queue.accept(List.of(fixture.entry(1, "text"))).getFirst();
      assertThat(status().counts().entries()).as(fault.name()).isEqualTo(1);
      fixture.faults.failNth(1, fault, FaultPlan.Call.COMMIT);
      finish(claim);
      assertThat(status().counts().entries()).as(fault.name()).isZero();
    }
    fixture.checkEmpty();
  }

  @Test
  void manyThreadsOnOneShardShareCommitsAndLoseNothing() throws InterruptedException {
    int threadCount = 16;
    int perThread = 25;
    MailQueue other = fixture.open("other node");
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(threadCount);
    for (int t = 0; t < threadCount; t++) {
      // Two processes on the same shard: every commit of one makes the other's conflict.
      MailQueue mine = t % 2 == 0 ? fixture.queue : other;
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int i = 0; i < perThread; i++) {
                NewEntry entry = fixture.entry(mine.newId(5), 2, "text");
                Claim claim = mine.accept(List.of(entry)).getFirst();
                SortedMap<Integer, RecipientState> all = new TreeMap<>();
                all.put(0, claim.state(0).delivered("250"));
                if (i % 2 == 0) all.put(1, claim.state(1).delivered("250"));
                mine.record(claim, all, List.of(), true);
              }
            } catch (RuntimeException | AssertionError e) {
              failures.add(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    assertThat(failures).isEmpty();
    assertThat(status().counts().entries()).isEqualTo((long) threadCount * (perThread / 2));
    fixture.check();
  }

  @Test
  void theLargestEntryIsAcceptedWorkedOnAndRemoved() {
    Claim claim =
        fixture
            .queue
            .accept(List.of(fixture.entry(QueueLimits.RECIPIENT_COUNT_MAX, "text")))
            .getFirst();
    SortedMap<Integer, RecipientState> all = new TreeMap<>();
    String longReply = "ü".repeat(2 * QueueLimits.REPLY_BYTES_MAX);
    for (int i = 0; i < claim.recipients().size(); i++) {
      all.put(i, claim.state(i).retried(fixture.clock.instant(), longReply));
    }
    fixture.queue.record(claim, all, List.of(), true);
    Claim again = fixture.claimDue().getFirst();
    assertThat(again.state(19_999).lastReply()).hasSize(QueueLimits.REPLY_BYTES_MAX / 2);
    finish(again);
    fixture.checkEmpty();
  }

  @Test
  void oneRecipientTooManyIsNoEntry() {
    assertThatThrownBy(() -> fixture.entry(QueueLimits.RECIPIENT_COUNT_MAX + 1, "text"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fixture.entry(0, "text")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anOperatorSeesWhatWaitsAndCanHaveItTriedNow() {
    Claim claim = fixture.queue.accept(List.of(fixture.entry(2, "text"))).getFirst();
    assertThat(status().counts().workedOn()).isEqualTo(1);
    SortedMap<Integer, RecipientState> states = new TreeMap<>();
    states.put(0, claim.state(0).delivered("250"));
    states.put(1, retried(claim, 1, Duration.ofHours(4)));
    fixture.queue.record(claim, states, List.of(), true);

    QueueStatus.Details details = status().find(claim.id()).orElseThrow();
    assertThat(details.summary().pendingCount()).isEqualTo(1);
    assertThat(details.summary().isWorkedOn()).isFalse();
    assertThat(details.states().get(1).lastReply()).isEqualTo("451 Later");
    assertThat(fixture.claimDue()).isEmpty();

    assertThat(fixture.queue.retryNow(claim.id())).isTrue();
    assertThat(fixture.queue.retryNow(fixture.queue.newId())).isFalse();
    assertThat(fixture.claimDue()).hasSize(1);
    fixture.check();
  }

  @Test
  void theListOfEntriesGoesOnAfterTheLastIdOfAPage() {
    for (int i = 0; i < 10; i++) {
      fixture.queue.accept(List.of(fixture.entry(fixture.queue.newId(i * 6 + 5), 1, "text")));
    }
    List<QueueStatus.Summary> all = status().list(Optional.empty(), 100);
    List<QueueStatus.Summary> pages = new ArrayList<>(status().list(Optional.empty(), 3));
    while (true) {
      List<QueueStatus.Summary> page = status().list(Optional.of(pages.getLast().id()), 3);
      if (page.isEmpty()) break;
      pages.addAll(page);
    }
    assertThat(pages).hasSize(10).isEqualTo(all);
  }

  /// Fails each store call of an entry's life once, "restarts", and goes on: an acknowledged entry
  /// is still there, one that was not acknowledged leaves nothing that counts.
  @Test
  void aStopAtAnyStoreCallLosesNothingThatWasAcknowledged() {
    boolean reached = true;
    int stops = 0;
    for (int n = 1; reached; n++) {
      for (Fault fault : List.of(Fault.UNAVAILABLE_BEFORE, Fault.UNKNOWN_AFTER)) {
        reached = stopAt(n, fault);
        if (reached) stops++;
      }
    }
    assertThat(stops).isGreaterThan(20);
  }

  private boolean stopAt(int n, Fault fault) {
    QueueFixture mine = new QueueFixture();
    // The key exists before: its making is not the queue's.
    mine.keys.seal(QueueFixture.ORGANIZATION, new byte[1]);
    boolean acknowledged = false;
    boolean finished = false;
    mine.faults.failNth(n, fault);
    try {
      Claim claim = mine.queue.accept(List.of(mine.entry(2, LARGE))).getFirst();
      acknowledged = true;
      SortedMap<Integer, RecipientState> first = new TreeMap<>();
      first.put(0, claim.state(0).delivered("250"));
      first.put(1, retriedAt(claim, 1, mine.clock.instant()));
      mine.queue.record(claim, first, List.of(), true);
      Claim again = claimOne(mine);
      mine.queue.record(
          again, new TreeMap<>(Map.of(1, again.state(1).delivered("250"))), List.of(), true);
      finished = true;
    } catch (UnavailableException e) {
      // The stop.
    }
    boolean reached = mine.faults.callCount() >= n;
    mine.faults.heal();
    mine.restart();
    mine.queue.recover();
    mine.check();
    List<Claim> left = mine.claimDue();
    String where = "call " + n + " " + fault;
    if (acknowledged && !finished && left.isEmpty()) {
      // Only the last commit, whose answer was lost, may have ended it.
      assertThat(fault).as(where).isNotEqualTo(Fault.UNAVAILABLE_BEFORE);
    }
    for (Claim claim : left) {
      assertThat(mine.text(claim)).as(where).isEqualTo(LARGE);
      SortedMap<Integer, RecipientState> rest = new TreeMap<>();
      for (int i = 0; i < claim.recipients().size(); i++) {
        if (claim.state(i).isPending()) rest.put(i, claim.state(i).delivered("250"));
      }
      mine.queue.record(claim, rest, List.of(), true);
    }
    mine.checkEmpty();
    return reached;
  }

  private static Claim claimOne(QueueFixture mine) {
    List<Claim> claims = mine.claimDue();
    assertThat(claims).hasSize(1);
    return claims.getFirst();
  }

  private QueueStatus status() {
    return new QueueStatus(fixture.memory, fixture.clock);
  }

  private RecipientState retried(Claim claim, int index, Duration wait) {
    return retriedAt(claim, index, fixture.clock.instant().plus(wait));
  }

  private static RecipientState retriedAt(Claim claim, int index, Instant next) {
    return claim.state(index).retried(next, "451 Later");
  }

  private void recordOne(Claim claim, RecipientState state) {
    fixture.queue.record(claim, new TreeMap<>(Map.of(0, state)), List.of(), true);
  }

  private void finish(Claim claim) {
    SortedMap<Integer, RecipientState> all = new TreeMap<>();
    for (int i = 0; i < claim.recipients().size(); i++) {
      if (claim.state(i).isPending()) all.put(i, claim.state(i).delivered("250"));
    }
    fixture.queue.record(claim, all, List.of(), true);
  }

  private static List<Claim> append(List<Claim> first, List<Claim> second) {
    List<Claim> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
