package org.mailstead.core.queue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.content.Contents;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.content.StrayHolders;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.BlobId;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mail that waits for delivery, durable. Thread-safe.
///
/// **The life of an entry.** [#stage] its content, [#accept] it: now it is on disk, and claimed by
/// the caller, who delivers at once, [#record]s what came of it and ends the claim. If recipients
/// are left, the entry waits in the time index until [#claimDue] hands it out again. With its last
/// recipient it goes, and the shard stops holding its content.
///
/// **Claims.** One entry is worked on by one worker. A claim moves the entry's place in the time
/// index to the end of the claim, so that an entry whose worker died comes up again by itself;
/// [#recover] frees those of an earlier run of this node at once. Every change names its claim and
/// fails with [ClaimLostException] when somebody else has the entry.
///
/// **Crashes.** Every change is one commit of one shard. Between staging and acceptance a crash
/// leaves a blob that the shard holds and nothing refers to; between the last result and releasing,
/// a row in `releases` that [#recover] works off.
///
/// What is done to rows stands in [EntryChanges]; this is who may do it, and what follows.
public final class MailQueue {
  private static final Logger LOG = LoggerFactory.getLogger(MailQueue.class);
  private static final long NOTHING_DUE = Long.MAX_VALUE;

  private final Store store;
  private final QueueReader reader;
  private final Contents contents;
  private final OrganizationKeys keys;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final String node;
  private final long incarnation;
  private final AtomicLong claimNumber = new AtomicLong();
  private final QueueShard[] shards = new QueueShard[QueueLimits.SHARD_COUNT];

  private final DueScan[] dueScans = new DueScan[QueueLimits.SHARD_COUNT];

  /// Per shard a lower bound of the first due time in the index, in milliseconds.
  private final AtomicLongArray firstDue = new AtomicLongArray(QueueLimits.SHARD_COUNT);

  /// Claims of this run, by entry: never handed out twice, however long they take.
  private final Map<QueueId, Claim> active = new ConcurrentHashMap<>();

  /// `node` is this process's settled name: what an earlier run of the same node had claimed is
  /// free when this one starts.
  public MailQueue(
      Store store,
      Contents contents,
      OrganizationKeys keys,
      InstantSource clock,
      RandomGenerator random,
      String node) {
    this.store = store;
    this.reader = new QueueReader(store);
    this.contents = contents;
    this.keys = keys;
    this.clock = clock;
    this.random = random;
    this.node = node;
    this.incarnation = random.nextLong();
    for (int i = 0; i < shards.length; i++) {
      shards[i] = new QueueShard(store, QueueRows.partition(i), random);
      dueScans[i] = new DueScan(QueueRows.partition(i));
      firstDue.set(i, Long.MIN_VALUE);
    }
  }

  public QueueId newId() {
    return QueueId.random(random);
  }

  /// For an entry that is committed together with another one.
  public QueueId newId(int shard) {
    return QueueId.random(random, shard);
  }

  /// Encrypts a message for the entry. If [#accept] or [#record] does not follow, [#unstage] it.
  public StagedContent stage(QueueId id, OrganizationId organization, Content content) {
    return contents.stage(organization, partition(id), List.of(content)).getFirst();
  }

  public void unstage(QueueId id, StagedContent content) {
    contents.release(partition(id), content);
  }

  /// Queues entries of one shard, all or none, durable when it returns. They are claimed: deliver
  /// them, or [#release] them for later.
  public List<Claim> accept(List<NewEntry> entries) {
    int shard = entries.getFirst().id().shard();
    List<PreparedEntry> prepared = entries.stream().map(entry -> prepare(entry, shard)).toList();
    shards[shard].commit(
        touched(prepared),
        new QueueShard.Change() {
          @Override
          public void check() {}

          @Override
          public void write(WriteBatch batch) {
            for (PreparedEntry each : prepared) each.write(batch);
          }
        });
    settle(prepared);
    return publish(prepared);
  }

  /// The shard's rows refer to what was staged.
  private void settle(List<PreparedEntry> prepared) {
    for (PreparedEntry each : prepared) {
      contents.settle(partition(each.header().id()), each.claim().content());
    }
  }

  /// Writes down what became of recipients, and queues reports about it in the same commit.
  ///
  /// @param changes new states by recipient index
  /// @param reports entries of the same shard
  /// @param last whether this ends the claim: the entry goes, or waits for its next attempt
  /// @return claims on the reports
  /// @throws ClaimLostException nothing was written
  public List<Claim> record(
      Claim claim,
      SortedMap<Integer, RecipientState> changes,
      List<NewEntry> reports,
      boolean last) {
    claim.lock.lock();
    try {
      List<PreparedEntry> prepared =
          reports.stream().map(report -> prepare(report, claim.id().shard())).toList();
      SortedMap<Integer, RecipientState> part = new TreeMap<>();
      List<Claim> claims = List.of();
      // The reports go with the first part: told twice after a crash rather than never.
      boolean first = true;
      var left = changes.entrySet().iterator();
      do {
        part.clear();
        while (left.hasNext() && part.size() < QueueLimits.RESULTS_PER_COMMIT_MAX) {
          var change = left.next();
          part.put(change.getKey(), change.getValue());
        }
        recordPart(claim, part, first ? prepared : List.of(), last && !left.hasNext());
        if (first) claims = publish(prepared);
        first = false;
      } while (left.hasNext());
      return claims;
    } finally {
      claim.lock.unlock();
    }
  }

  /// Ends a claim without a new result: the entry waits for its next attempt.
  public void release(Claim claim) {
    record(claim, new TreeMap<>(), List.of(), true);
  }

  /// Puts other entries of the same shard in the place of one, all in one commit: what a function
  /// has decided.
  ///
  /// @param entries perhaps none
  /// @return claims on them
  /// @throws ClaimLostException nothing was written
  public List<Claim> replace(Claim claim, List<NewEntry> entries) {
    claim.lock.lock();
    try {
      List<PreparedEntry> prepared =
          entries.stream().map(entry -> prepare(entry, claim.id().shard())).toList();
      var replacing = new EntryChanges.Replacing(reader, claim, prepared);
      Set<QueueId> touched = new HashSet<>(touched(prepared));
      touched.add(claim.id());
      shards[claim.id().shard()].commit(touched, replacing);
      settle(prepared);
      claim.end();
      active.remove(claim.id(), claim);
      replacing.blob().ifPresent(blob -> release(claim.id().shard(), blob));
      return publish(prepared);
    } finally {
      claim.lock.unlock();
    }
  }

  /// Ends a claim on an entry for a function: it waits for its next call.
  ///
  /// @throws ClaimLostException nothing was written
  public void postpone(Claim claim, EntryHook.Call call) {
    claim.lock.lock();
    try {
      shards[claim.id().shard()].commit(
          Set.of(claim.id()), new EntryChanges.Postponing(reader, claim, call));
      claim.end();
      active.remove(claim.id(), claim);
      noteDue(claim.id().shard(), call.nextAttempt().toEpochMilli());
    } finally {
      claim.lock.unlock();
    }
  }

  /// The entry's bytes, decrypted; the caller closes it.
  ///
  /// @throws org.mailstead.store.DamagedBlobException they cannot be read back as written
  public Content open(Claim claim) {
    return contents.open(claim.content());
  }

  /// Stops working on an entry without writing anything: it comes up again when its claim has
  /// lapsed, or when this node starts anew.
  public void abandon(Claim claim) {
    claim.end();
    active.remove(claim.id(), claim);
  }

  /// Makes a claim last longer.
  ///
  /// @throws ClaimLostException too late
  public void renew(Claim claim) {
    if (!claim.isEnded()) record(claim, new TreeMap<>(), List.of(), false);
  }

  /// The claims of this run that lapse before the given time.
  public List<Claim> claimsUntil(Instant time) {
    return active.values().stream().filter(claim -> claim.until().isBefore(time)).toList();
  }

  /// No entry of the shard is due before this time, as far as this process knows.
  public Optional<Instant> findNextDue(int shard) {
    long due = firstDue.get(shard);
    if (due == NOTHING_DUE) return Optional.empty();
    return Optional.of(due == Long.MIN_VALUE ? Instant.EPOCH : Instant.ofEpochMilli(due));
  }

  /// Forgets what this process knows of due times, so that entries of other processes are seen.
  public void lookAgain() {
    for (int i = 0; i < shards.length; i++) firstDue.set(i, Long.MIN_VALUE);
  }

  /// Claims entries of the shard that are due, those that are due longest first.
  public List<Claim> claimDue(int shard, int countMax) {
    return claimDue(shard, countMax, (_, _) -> true).claims();
  }

  /// Claims those entries of the shard that are due and wanted, those that are due longest first.
  /// No more than [QueueLimits#LOOK_ROWS_MAX] are looked at; the next call goes on from there.
  ///
  /// @param wanted asked once for each, before it is claimed; what is wanted may still be missing
  ///   from the answer, because somebody else took it
  public Due claimDue(int shard, int countMax, BiPredicate<QueueId, Lane> wanted) {
    Instant now = clock.instant();
    // Lowered again by whoever commits while we look.
    firstDue.set(shard, NOTHING_DUE);
    try {
      DueScan.Found scan = dueScans[shard].run(store, countMax, now, wanted);
      noteDue(shard, scan.next());
      Map<QueueId, Lane> due = scan.entries();
      if (due.isEmpty()) return new Due(List.of(), scan.seen());
      var claiming =
          new EntryChanges.Claiming(reader, keys, active.keySet(), this::newMark, due, now);
      shards[shard].commit(due.keySet(), claiming);
      claiming.lapse().ifPresent(until -> noteDue(shard, until.toEpochMilli()));
      for (Claim claim : claiming.claims()) active.put(claim.id(), claim);
      return new Due(claiming.claims(), scan.seen());
    } catch (RuntimeException e) {
      noteDue(shard, now.toEpochMilli());
      throw e;
    }
  }

  /// What a look found.
  ///
  /// @param seen how many rows of the time index were looked at
  public record Due(List<Claim> claims, int seen) {}

  /// Frees what an earlier run of this node had claimed, and finishes its releases. Call it once,
  /// before the first claim.
  ///
  /// @return how many entries were freed
  public int recover() {
    int freed = 0;
    for (int shard = 0; shard < shards.length; shard++) {
      freed += freeClaims(shard);
      releaseAgain(shard);
    }
    return freed;
  }

  /// Makes a waiting entry due now, whatever its recipients' next attempts are: who claims an entry
  /// of which no recipient is due tries them all. Does nothing if it is worked on.
  ///
  /// @return whether there is such an entry
  public boolean retryNow(QueueId id) {
    Instant now = clock.instant();
    var change = new EntryChanges.Rescheduling(reader, id, now);
    shards[id.shard()].commit(Set.of(id), change);
    if (change.isFound()) noteDue(id.shard(), now.toEpochMilli());
    return change.isFound();
  }

  /// What became of an operator's wish.
  public enum Operated {
    DONE,
    /// There is no such entry, or no more.
    NOT_FOUND,
    /// It is worked on just now: ask again later.
    WORKED_ON,
    /// It was so already, or it is not held.
    NOTHING_TO_DO
  }

  /// Keeps a waiting entry from being tried until [#unhold]. Its expiry goes on: what has expired
  /// meanwhile is tried once more after it.
  public Operated hold(QueueId id) {
    return reschedule(id, QueueLimits.HELD, header -> !header.isHeld());
  }

  /// Makes a held entry due now.
  public Operated unhold(QueueId id) {
    return reschedule(id, clock.instant(), QueueRows.Header::isHeld);
  }

  private Operated reschedule(QueueId id, Instant due, Predicate<QueueRows.Header> allowed) {
    var change = new EntryChanges.Operating(reader, id, due, allowed);
    shards[id.shard()].commit(Set.of(id), change);
    if (change.outcome() == Operated.DONE) noteDue(id.shard(), due.toEpochMilli());
    return change.outcome();
  }

  /// Makes a waiting entry due now. Unlike [#retryNow] it leaves held ones alone.
  public Operated retry(QueueId id) {
    return reschedule(id, clock.instant(), header -> !header.isHeld());
  }

  /// Removes a waiting or held entry in one commit; nobody hears of it.
  public Operated delete(QueueId id) {
    var change = new EntryChanges.Deleting(reader, id);
    shards[id.shard()].commit(Set.of(id), change);
    if (change.outcome() == Operated.DONE) {
      change.blob().ifPresent(blob -> release(id.shard(), blob));
    }
    return change.outcome();
  }

  /// Releases the blobs that shards hold and no entry refers to, as a crash between [#stage] and
  /// [#accept] leaves them. Safe beside everything that goes on: a blob that was not staged by this
  /// run, or whose acceptance is settled, never gets a new entry, because an entry's content is
  /// staged for it alone. To be called after [#recover] and every day or so.
  ///
  /// @return how many holders were released
  public long releaseStrayHolders() {
    return new StrayHolders(store, contents).run(QueueRows.PREFIX, this::releaseStray);
  }

  private long releaseStray(PartitionId partition, List<BlobId> held) {
    Set<BlobId> strays = new HashSet<>(held);
    Optional<Range> range = Optional.of(Range.all());
    while (range.isPresent() && !strays.isEmpty()) {
      Page page = store.range(partition, QueueRows.ENTRIES, range.get(), 500);
      for (Row row : page.rows()) QueueRows.header(row.value()).blob().ifPresent(strays::remove);
      range = page.next();
    }
    for (BlobId blob : strays) store.blobs().release(partition, blob);
    if (!strays.isEmpty()) {
      LOG.info("{}: {} blobs of interrupted receptions released", partition, strays.size());
    }
    return strays.size();
  }

  /// What accepted messages counted against the limits of an account on one day, in any order.
  public List<CountedRecipients> counted(long day, String account) {
    return CountedRecipients.load(store, day, account);
  }

  /// Removes the counts of days before this one.
  public void forgetCounted(long before) {
    for (int shard = 0; shard < shards.length; shard++) {
      PartitionId partition = QueueRows.partition(shard);
      while (true) {
        List<byte[]> old =
            store.range(partition, QueueRows.COUNTED, Range.all(), 1_000).rows().stream()
                .filter(row -> CountedRecipients.read(row).day() < before)
                .map(Row::key)
                .toList();
        if (old.isEmpty()) break;
        shards[shard].commit(
            Set.of(),
            new QueueShard.Change() {
              @Override
              public void check() {}

              @Override
              public void write(WriteBatch batch) {
                for (byte[] key : old) batch.delete(QueueRows.COUNTED, key);
              }
            });
      }
    }
  }

  PartitionId partition(QueueId id) {
    return QueueRows.partition(id.shard());
  }

  private void recordPart(
      Claim claim,
      SortedMap<Integer, RecipientState> part,
      List<PreparedEntry> reports,
      boolean last) {
    Instant until = clock.instant().plus(QueueLimits.CLAIM_DURATION);
    EntryChanges.Recording recording =
        new EntryChanges.Recording(reader, claim, part, reports, last, until);
    Set<QueueId> touched = new HashSet<>(touched(reports));
    touched.add(claim.id());
    shards[claim.id().shard()].commit(touched, recording);
    settle(reports);
    part.forEach(claim::set);
    if (last) {
      claim.end();
      active.remove(claim.id(), claim);
    } else {
      claim.extend(until);
    }
    int shard = claim.id().shard();
    recording
        .due()
        .ifPresentOrElse(
            due -> noteDue(shard, due.toEpochMilli()),
            () -> recording.blob().ifPresent(blob -> release(shard, blob)));
  }

  private List<Claim> publish(List<PreparedEntry> prepared) {
    List<Claim> claims = new ArrayList<>(prepared.size());
    for (PreparedEntry each : prepared) {
      claims.add(each.claim());
      active.put(each.claim().id(), each.claim());
      noteDue(each.header().id().shard(), each.header().due().toEpochMilli());
    }
    return claims;
  }

  private void noteDue(int shard, long millis) {
    firstDue.accumulateAndGet(shard, millis, Math::min);
  }

  private QueueRows.ClaimMark newMark() {
    return new QueueRows.ClaimMark(node, incarnation, claimNumber.incrementAndGet());
  }

  private static Set<QueueId> touched(List<PreparedEntry> prepared) {
    Set<QueueId> ids = new HashSet<>();
    for (PreparedEntry each : prepared) ids.add(each.header().id());
    return ids;
  }

  private PreparedEntry prepare(NewEntry entry, int shard) {
    Invariant.check(entry.id().shard() == shard, "queue entries of one commit share a shard");
    StagedContent content = entry.content();
    Invariant.check(
        content.organization().equals(entry.envelope().organization()),
        "a queue entry's content is sealed for its organization");
    Instant until = clock.instant().plus(QueueLimits.CLAIM_DURATION);
    QueueRows.ClaimMark mark = newMark();
    int count = entry.recipients().size();
    boolean isCall = entry.hook().isPresent() && entry.hook().get() instanceof EntryHook.Call;
    Lane lane = Lane.of(entry.envelope(), isCall, entry.recipients(), _ -> true);
    Optional<BlobId> blob = content.isBlob() ? Optional.of(content.id()) : Optional.empty();
    QueueRows.Header header =
        new QueueRows.Header(
            entry.id(), entry.envelope(), blob, count, count, until, Optional.of(mark), lane);
    byte[] sealed = keys.seal(content.organization(), content.reference());
    List<RecipientState> states = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      states.add(RecipientState.fresh(entry.envelope().received()));
    }
    Claim claim =
        new Claim(
            entry.id(),
            entry.envelope(),
            entry.recipients(),
            states,
            content,
            entry.hook(),
            entry.named(),
            lane,
            mark,
            until);
    return new PreparedEntry(
        header,
        QueueRows.content(new QueueRows.StoredContent(sealed, content.inline())),
        claim,
        entry.counted());
  }

  private int freeClaims(int shard) {
    Instant now = clock.instant();
    int freed = 0;
    Optional<Range> range = Optional.of(Range.all());
    while (range.isPresent()) {
      Page page = store.range(QueueRows.partition(shard), QueueRows.CLAIMS, range.get(), 500);
      for (Row row : page.rows()) {
        QueueId id = QueueRows.idOf(row.key());
        var freeing = new EntryChanges.Freeing(reader, node, incarnation, id, now);
        shards[shard].commit(Set.of(id), freeing);
        if (freeing.isFreed()) freed++;
      }
      range = page.next();
    }
    if (freed > 0) noteDue(shard, now.toEpochMilli());
    return freed;
  }

  /// Takes back holders whose release an earlier run did not reach.
  private void releaseAgain(int shard) {
    Optional<Range> range = Optional.of(Range.all());
    while (range.isPresent()) {
      Page page = store.range(QueueRows.partition(shard), QueueRows.RELEASES, range.get(), 500);
      for (Row row : page.rows()) release(shard, QueueRows.blobOf(row.key()));
      range = page.next();
    }
  }

  /// Takes the shard's holder back; the row that remembers it goes with one of the next commits.
  /// Where that fails the row stays, and the next start tries again.
  private void release(int shard, BlobId blob) {
    try {
      store.blobs().release(QueueRows.partition(shard), blob);
      shards[shard].forgetRelease(blob);
    } catch (UnavailableException e) {
      LOG.warn("blob {} is not released now: {}", blob, e.getMessage());
    }
  }
}
