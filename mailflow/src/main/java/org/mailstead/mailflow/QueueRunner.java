package org.mailstead.mailflow;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.Content;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.mailbox.MessageIndex;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.ClaimLostException;
import org.mailstead.core.queue.Lane;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueLimits;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.UnknownOutcomeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Works the queue off: entries just accepted at once, others when they are due, those of an
/// earlier run when it starts. One virtual thread an entry, bounded in number; within an entry one
/// for each destination.
///
/// **Nothing twice.** A local delivery names its delivery id, so that repeating it is harmless. A
/// remote one cannot be taken back: its result is recorded at once, per destination, and recording
/// is tried until it succeeds or the server stops.
final class QueueRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QueueRunner.class);

  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  /// Between two looks that somebody asked for.
  private static final Duration LOOK_GAP = Duration.ofMillis(10);

  private static final Duration LOOK_AGAIN_INTERVAL = Duration.ofMinutes(1);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
  private static final int RECORD_ATTEMPTS_MAX = 60;

  private final MailQueue queue;
  private final RuleDelivery rules;
  private final RemoteDelivery remote;
  private final Settlement settlement;
  private final DmarcEnforcement enforcement;
  private final ContentChecks checks;
  private final FlowEnforcement flow;
  private final HookRunner hooks;
  private final OutboundSigning signing;
  private final InstantSource clock;
  private final Turns turns;
  private final EntryRoom room;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private boolean woken;
  private volatile boolean stopping;

  /// Only the thread that looks uses it.
  private int lookedShard;

  QueueRunner(
      MailflowSettings settings,
      MailQueue queue,
      RuleDelivery rules,
      RemoteDelivery remote,
      Settlement settlement,
      DmarcEnforcement enforcement,
      ContentChecks checks,
      FlowEnforcement flow,
      HookRunner hooks,
      OutboundSigning signing,
      InstantSource clock) {
    this.queue = queue;
    this.rules = rules;
    this.remote = remote;
    this.settlement = settlement;
    this.enforcement = enforcement;
    this.checks = checks;
    this.flow = flow;
    this.hooks = hooks;
    this.signing = signing;
    this.clock = clock;
    this.turns =
        new Turns(
            settings.concurrency(), settings.concurrencyPerDestination(), this::changed, clock);
    this.room = new EntryRoom(turns);
  }

  /// Picks up what an earlier run left, then works until closed.
  void start() {
    int freed = queue.recover();
    if (freed > 0) LOG.info("{} queue entries of an earlier run are taken up", freed);
    spawn("queue-runner", this::look);
  }

  /// Works on the entries soon, in threads of its own. Never blocks on deliveries.
  void submit(List<Claim> claims) {
    for (Claim claim : claims) {
      if (!stopping && HookRunner.isCall(claim)) {
        if (hooks.enter(claim)) spawn("queue-function", () -> call(claim));
        continue;
      }
      Optional<EntryRoom.Place> place =
          stopping ? Optional.empty() : room.enter(laneOf(claim.lane()));
      // It waits in the time index then, not in memory.
      if (place.isEmpty()) giveBack(claim);
      else begin(claim, place.get());
    }
  }

  private void begin(Claim claim, EntryRoom.Place place) {
    spawn(
        "queue-worker",
        () -> {
          try {
            if (stopping) giveBack(claim);
            else process(claim, true);
          } finally {
            leave(place);
          }
        });
  }

  private void leave(EntryRoom.Place place) {
    if (room.leave(place)) wake();
  }

  /// A destination begins or ceases to answer: others may have a place in memory now.
  private void changed() {
    if (room.isWanted()) wake();
  }

  /// Lanes to all domains are one if all mail goes to one place.
  private Lane laneOf(Lane lane) {
    return lane.isDomain() ? new Lane(lane.sender(), remote.place(lane.destination())) : lane;
  }

  /// Works off what is due now and what comes of it, in this thread: for tests that own the clock.
  ///
  /// @return how many entries were worked on
  int runDue() {
    int count = 0;
    Map<Claim, Optional<EntryRoom.Place>> claims = claimDue(Integer.MAX_VALUE);
    while (!claims.isEmpty()) {
      for (var each : claims.entrySet()) {
        process(each.getKey(), false);
        each.getValue().ifPresent(room::leave);
        count++;
      }
      claims = claimDue(Integer.MAX_VALUE);
    }
    return count;
  }

  /// Entries that wait for a worker or are worked on.
  int activeCount() {
    return room.count() + hooks.activeCount();
  }

  @Override
  public void close() {
    stopping = true;
    lock.lock();
    try {
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    long end = System.nanoTime() + STOP_PATIENCE.toNanos();
    try {
      for (Thread thread : threads) {
        long left = end - System.nanoTime();
        if (left > 0) thread.join(Duration.ofNanos(left));
      }
      remote.close();
      // Whoever still waits for a peer now gives up; its claim is freed at the next start.
      for (Thread thread : threads) thread.interrupt();
      for (Thread thread : threads) thread.join(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void spawn(String name, Runnable task) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .unstarted(() -> {
              try {
                task.run();
              } finally {
                threads.remove(Thread.currentThread());
              }
            });
    threads.add(thread);
    thread.start();
  }

  private void look() {
    Instant lookedAgain = clock.instant();
    long regular = System.nanoTime();
    while (!stopping) {
      try {
        Instant now = clock.instant();
        if (now.isAfter(lookedAgain.plus(LOOK_AGAIN_INTERVAL)) || now.isBefore(lookedAgain)) {
          queue.lookAgain();
          lookedAgain = now;
        }
        boolean isRegular = System.nanoTime() - regular >= 0;
        beginAll(claimDue(isRegular ? Integer.MAX_VALUE : MailflowLimits.EXTRA_LOOK_ROWS_MAX));
        if (isRegular) {
          regular = System.nanoTime() + LOOK_INTERVAL.toNanos();
          for (Claim claim : queue.claimsUntil(now.plus(QueueLimits.CLAIM_DURATION.dividedBy(2)))) {
            renew(claim);
          }
          remote.closeIdle();
        }
        pause(LOOK_GAP);
      } catch (RuntimeException e) {
        LOG.warn("the queue cannot be looked at now", e);
        pause(LOOK_INTERVAL);
      }
      awaitWake(Duration.ofNanos(Math.max(regular - System.nanoTime(), 0)));
    }
  }

  private void beginAll(Map<Claim, Optional<EntryRoom.Place>> claims) {
    claims.forEach((claim, place) -> {
      if (place.isPresent()) begin(claim, place.get());
      else submit(List.of(claim));
    });
  }

  /// Claims what is due and has a place in memory; what is for a function has its places elsewhere.
  ///
  /// @param rowsMax how much of the time index is looked at, about
  private Map<Claim, Optional<EntryRoom.Place>> claimDue(int rowsMax) {
    Map<Claim, Optional<EntryRoom.Place>> claims = new LinkedHashMap<>();
    Instant now = clock.instant();
    room.lookAgain();
    int rows = 0;
    for (int i = 0; i < QueueLimits.SHARD_COUNT && rows < rowsMax; i++) {
      // An extra look goes on where the last one ended.
      lookedShard = (lookedShard + 1) % QueueLimits.SHARD_COUNT;
      int shard = lookedShard;
      if (queue.findNextDue(shard).filter(due -> !due.isAfter(now)).isEmpty()) continue;
      rows += claimDue(shard, claims);
    }
    return claims;
  }

  private int claimDue(int shard, Map<Claim, Optional<EntryRoom.Place>> claims) {
    Map<QueueId, EntryRoom.Place> places = new HashMap<>();
    try {
      MailQueue.Due due =
          queue.claimDue(
              shard,
              MailflowLimits.CLAIMS_PER_SHARD_MAX,
              (id, lane) -> {
                if (lane.destination() == Lane.CALL) return true;
                Optional<EntryRoom.Place> place = room.enter(laneOf(lane));
                place.ifPresent(each -> places.put(id, each));
                return place.isPresent();
              });
      for (Claim claim : due.claims()) {
        claims.put(claim, Optional.ofNullable(places.remove(claim.id())));
      }
      return due.seen();
    } finally {
      places.values().forEach(room::leave);
    }
  }

  private void renew(Claim claim) {
    try {
      queue.renew(claim);
    } catch (ClaimLostException | UnavailableException e) {
      LOG.warn("queue entry {}: {}", claim.id(), e.getMessage());
    }
  }

  private void giveBack(Claim claim) {
    try {
      queue.release(claim);
    } catch (RuntimeException e) {
      LOG.warn("queue entry {} cannot be given back: {}", claim.id(), e.getMessage());
      queue.abandon(claim);
    }
  }

  /// An entry for a function: it takes no turn from deliveries.
  private void call(Claim claim) {
    try {
      if (stopping) giveBack(claim);
      else process(claim, true);
    } finally {
      hooks.leave(claim);
    }
  }

  private void callOnce(Claim claim, boolean submitReports) {
    try {
      List<Claim> next = hooks.run(claim);
      if (submitReports) submit(next);
      else next.forEach(this::giveBack);
    } catch (DamagedBlobException e) {
      LOG.error("queue entry {} cannot be read back: {}", claim.id(), e.getMessage());
      Map<Integer, AttemptResult> results = new TreeMap<>();
      for (int i = 0; i < claim.recipients().size(); i++) results.put(i, damaged());
      settle(claim, results, true, submitReports);
    } catch (InterruptedException e) {
      queue.abandon(claim);
      Thread.currentThread().interrupt();
    }
  }

  /// One round of attempts for an entry.
  ///
  /// @param submitReports whether reports are worked on at once; otherwise they wait, due at once
  private void process(Claim claim, boolean submitReports) {
    try {
      attempt(claim, submitReports);
    } catch (ClaimLostException e) {
      LOG.warn("queue entry {}: {}", claim.id(), e.getMessage());
      queue.abandon(claim);
    } catch (RuntimeException e) {
      if (stopping) LOG.info("queue entry {} waits for the next start", claim.id());
      else LOG.error("queue entry {} cannot be worked on", claim.id(), e);
      queue.abandon(claim);
    }
  }

  private void attempt(Claim claim, boolean submitReports) {
    if (HookRunner.isCall(claim)) {
      callOnce(claim, submitReports);
      return;
    }
    Map<Integer, QueueRecipient> here = new TreeMap<>();
    Map<String, Map<Integer, QueueRecipient>> elsewhere = new TreeMap<>();
    for (int index : dueRecipients(claim)) {
      QueueRecipient recipient = claim.recipients().get(index);
      if (!recipient.isRelayed()) {
        here.put(index, recipient);
      } else {
        elsewhere
            .computeIfAbsent(
                remote.destination(claim.envelope(), recipient), key -> new TreeMap<>())
            .put(index, recipient);
      }
    }
    if (!here.isEmpty()) {
      Map<Integer, AttemptResult> results;
      try (Turns.Turn _ = turn(claim, Lane.HERE)) {
        results = deliverHere(claim, here);
      }
      settle(claim, results, elsewhere.isEmpty(), submitReports);
    }
    if (elsewhere.size() == 1) {
      String destination = elsewhere.keySet().iterator().next();
      settle(claim, deliverElsewhere(claim, destination, elsewhere), true, submitReports);
    } else if (elsewhere.size() > 1) {
      attemptEach(claim, elsewhere, submitReports);
    } else if (here.isEmpty()) {
      queue.release(claim);
    }
  }

  private Turns.Turn turn(Claim claim, long destination) {
    try {
      Turns.Turn turn = turns.take(claim.lane().sender(), destination);
      if (!stopping) return turn;
      turn.close();
      throw new UnavailableException("the server is stopping", Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the server is stopping", Duration.ofSeconds(1), e);
    }
  }

  /// Those whose time has come; all that are left if somebody wants the entry tried now.
  private List<Integer> dueRecipients(Claim claim) {
    Instant now = clock.instant();
    List<Integer> due = new ArrayList<>();
    List<Integer> pending = new ArrayList<>();
    for (int i = 0; i < claim.recipients().size(); i++) {
      if (!claim.state(i).isPending()) continue;
      pending.add(i);
      if (!claim.state(i).nextAttempt().isAfter(now)) due.add(i);
    }
    return due.isEmpty() ? pending : due;
  }

  /// Several destinations at once; the last to finish ends the claim.
  private void attemptEach(
      Claim claim, Map<String, Map<Integer, QueueRecipient>> elsewhere, boolean submitReports) {
    CountDownLatch finished = new CountDownLatch(elsewhere.size());
    Set<RuntimeException> failures = ConcurrentHashMap.newKeySet();
    for (String destination : elsewhere.keySet()) {
      spawn(
          "queue-destination",
          () -> {
            try {
              settle(claim, deliverElsewhere(claim, destination, elsewhere), false, submitReports);
            } catch (RuntimeException e) {
              failures.add(e);
            } finally {
              finished.countDown();
            }
          });
    }
    try {
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the server is stopping", Duration.ofSeconds(1), e);
    }
    for (RuntimeException failure : failures) throw failure;
    queue.release(claim);
  }

  /// Delivers to mailboxes; repeating it is harmless.
  Map<Integer, AttemptResult> deliverHere(Claim claim, Map<Integer, QueueRecipient> recipients) {
    Map<Integer, AttemptResult> results = new ConcurrentHashMap<>();
    MessageIndex index;
    ContentChecks.Places places;
    try (Content content = queue.open(claim)) {
      index = MessageIndex.scan(content);
      places =
          checks.places(
              claim.envelope(),
              recipients.values(),
              content,
              enforcement.place(claim.envelope(), content),
              otherwise ->
                  HookRunner.place(claim)
                      .orElseGet(() -> flow.place(claim.envelope(), content, otherwise)));
    } catch (DamagedBlobException e) {
      LOG.error("queue entry {} cannot be read back: {}", claim.id(), e.getMessage());
      recipients.keySet().forEach(each -> results.put(each, damaged()));
      return results;
    }
    if (recipients.size() <= 2) {
      recipients.forEach(
          (each, recipient) -> results.put(each, deliver(claim, each, index, places)));
      return results;
    }
    // Commits of different mailboxes share syncs when they come together.
    Semaphore parallel = new Semaphore(MailflowLimits.LOCAL_PARALLEL_MAX);
    for (int each : recipients.keySet()) {
      parallel.acquireUninterruptibly();
      Thread.ofVirtual()
          .start(() -> {
            try {
              results.put(each, deliver(claim, each, index, places));
            } finally {
              parallel.release();
            }
          });
    }
    parallel.acquireUninterruptibly(MailflowLimits.LOCAL_PARALLEL_MAX);
    return results;
  }

  private AttemptResult deliver(
      Claim claim, int index, MessageIndex scanned, ContentChecks.Places places) {
    return switch (claim.recipients().get(index).target()) {
      case QueueRecipient.Target.Local here ->
          rules.deliver(claim, index, here, scanned, places.of(here.mailbox()));
      case QueueRecipient.Target.Blocked(var by) -> HookRunner.blocked(claim, by);
      case QueueRecipient.Target.Remote _, QueueRecipient.Target.Gateway _ ->
          throw new IllegalStateException("a remote recipient among the local ones");
    };
  }

  private Map<Integer, AttemptResult> deliverElsewhere(
      Claim claim, String destination, Map<String, Map<Integer, QueueRecipient>> elsewhere) {
    Map<Integer, QueueRecipient> recipients =
        java.util.Objects.requireNonNull(elsewhere.get(destination));
    QueueEnvelope envelope = claim.envelope();
    long place = Lane.destination(envelope.organization(), recipients.values().iterator().next());
    try (Turns.Turn turn = turn(claim, remote.place(place));
        Content whole = queue.open(claim)) {
      Content relayed = TailContent.of(whole, envelope.relayOffset());
      Optional<AttemptResult> known = remote.findUnreachable(destination, envelope, relayed);
      if (known.isPresent()) {
        Map<Integer, AttemptResult> results = new TreeMap<>();
        recipients.keySet().forEach(each -> results.put(each, known.get()));
        return results;
      }
      try (Content signed = signing.signed(envelope, relayed)) {
        return remote.deliver(turn, destination, envelope, recipients, signed);
      }
    } catch (DamagedBlobException e) {
      LOG.error("queue entry {} cannot be read back: {}", claim.id(), e.getMessage());
      Map<Integer, AttemptResult> results = new TreeMap<>();
      recipients.keySet().forEach(each -> results.put(each, damaged()));
      return results;
    }
  }

  private void settle(
      Claim claim, Map<Integer, AttemptResult> results, boolean last, boolean submitReports) {
    List<Claim> reports = settle(claim, results, Set.of(), last);
    if (submitReports) submit(reports);
    else reports.forEach(this::giveBack);
  }

  /// Writes results and the reports about them down, however long it takes: what was sent cannot be
  /// unsent.
  ///
  /// @param answered recipients whose fate the peer hears itself (LMTP)
  /// @return claims on the reports
  List<Claim> settle(
      Claim claim, Map<Integer, AttemptResult> results, Set<Integer> answered, boolean last) {
    try {
      List<Claim> reports = record(claim, results, answered, last);
      results.values().forEach(result -> result.outgoing().forEach(RuleMail::keep));
      return reports;
    } finally {
      results.values().forEach(result -> result.outgoing().forEach(RuleMail::close));
    }
  }

  private List<Claim> record(
      Claim claim, Map<Integer, AttemptResult> results, Set<Integer> answered, boolean last) {
    for (int attempt = 1; ; attempt++) {
      List<NewEntry> reports = List.of();
      try {
        Settlement.Prepared prepared = settlement.prepare(claim, results, answered);
        reports = prepared.reports();
        return queue.record(claim, prepared.states(), reports, last);
      } catch (UnavailableException e) {
        LOG.warn("results of queue entry {} cannot be written: {}", claim.id(), e.getMessage());
        if (!(e instanceof UnknownOutcomeException)) settlement.forget(reports);
        if (attempt >= RECORD_ATTEMPTS_MAX || stopping) throw e;
        pause(Duration.ofMillis(Math.min(100L * attempt, 2_000)));
      }
    }
  }

  private void pause(Duration duration) {
    lock.lock();
    try {
      long nanos = duration.toNanos();
      while (!stopping && nanos > 0) nanos = wake.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping = true;
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      woken = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Until somebody has a reason to look at the queue, at most so long.
  private void awaitWake(Duration most) {
    lock.lock();
    try {
      long nanos = most.toNanos();
      while (!stopping && !woken && nanos > 0) nanos = wake.awaitNanos(nanos);
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping = true;
    } finally {
      lock.unlock();
    }
  }

  private static AttemptResult damaged() {
    return AttemptResult.local(
        AttemptResult.Kind.FAILED, 554, "5.3.0", "The stored message is damaged");
  }
}
