package org.mailstead.core.audit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.mailstead.base.Invariant;
import org.mailstead.core.audit.AuditRows.Chained;
import org.mailstead.core.audit.AuditRows.Head;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Effect;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// The record of every API call (JRN-2): append-only, hash-chained, per organization or, for calls
/// without one, per account. One partition a month, named by the month in which the record arrived
/// here, so that none grows beyond its bound and old ones can be dropped whole; the first record of
/// a month carries on the chain of the month before.
public final class AuditLog {
  private static final EffectKind EFFECT = new EffectKind(1, "audit", true);
  private static final int EFFECT_FORMAT = 2;
  private static final int MARK_FORMAT = 1;
  private static final int JSON_BYTES_MAX = 60_000;
  private static final int BATCH_MAX = 256;
  private static final int BATCH_BYTES_MAX = 4 << 20;

  private final Commits commits;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ConcurrentHashMap<Scope, Lane> lanes = new ConcurrentHashMap<>();

  /// Whose log: an organization's id or an account's number.
  public record Scope(String value) {}

  /// A stored record.
  ///
  /// @param json the CloudTrail-shaped object
  public record Stored(Instant eventTime, String eventId, String json) {}

  /// A batch of records in their order.
  ///
  /// @param end after the last of them
  public record Batch(List<Stored> records, AuditPosition end) {}

  /// @param attributes hashes for the index, one behind the other
  private record Item(
      Scope scope, Instant eventTime, String eventId, byte[] json, byte[] attributes) {}

  /// Those who wait to be recorded in one scope: who gets the lock first writes for all. Only who
  /// holds it appends, so that a month that another has followed never grows again.
  private static final class Lane {
    final ReentrantLock lock = new ReentrantLock();
    Optional<YearMonth> latest = Optional.empty(); // guarded by the lock
    Optional<YearMonth> before = Optional.empty(); // guarded by the lock
    boolean known; // guarded by the lock
    final Deque<Ticket> waiting = new ArrayDeque<>(); // guarded by itself
  }

  private static final class Ticket {
    final Item item;
    volatile boolean done;
    volatile Optional<RuntimeException> failure = Optional.empty();

    Ticket(Item item) {
      this.item = item;
    }
  }

  /// @param outbox brings the records of changes here
  public AuditLog(Outbox outbox, InstantSource clock, RandomGenerator random) {
    this.commits = outbox.commits();
    this.clock = clock;
    this.random = random;
    outbox.handleBatches(EFFECT, this::carryOut);
  }

  /// Puts the entry into the outbox of a change.
  public static void add(PartitionChange change, Scope scope, AuditEntry entry) {
    Item item = item(scope, entry);
    change.effect(
        EFFECT,
        new ValueWriter(EFFECT_FORMAT)
            .text(item.scope.value)
            .time(item.eventTime)
            .text(item.eventId)
            .octets(item.json)
            .octets(item.attributes)
            .value());
  }

  private static Item item(Scope scope, AuditEntry entry) {
    byte[] json = json(entry);
    return new Item(scope, entry.eventTime(), entry.eventId(), json, attributes(entry, json));
  }

  private static byte[] attributes(AuditEntry entry, byte[] json) {
    AuditEvent event =
        AuditEvent.of(
            new Stored(
                entry.eventTime(), entry.eventId(), new String(json, StandardCharsets.UTF_8)));
    var out = new ByteArrayOutputStream();
    event.indexed().forEach(attribute -> out.writeBytes(AuditRows.attribute(attribute)));
    return out.toByteArray();
  }

  private static byte[] json(AuditEntry entry) {
    byte[] json = entry.json().getBytes(StandardCharsets.UTF_8);
    if (json.length <= JSON_BYTES_MAX) return json;
    byte[] shorter = entry.withoutElements().json().getBytes(StandardCharsets.UTF_8);
    Invariant.check(shorter.length <= JSON_BYTES_MAX, "an audit record is too large");
    return shorter;
  }

  private void carryOut(List<Effect> effects) {
    Map<Scope, List<Item>> byScope = new LinkedHashMap<>();
    for (Effect effect : effects) {
      var in = new ValueReader(effect.payload(), EFFECT_FORMAT);
      var item =
          new Item(
              new Scope(in.text()),
              in.time(),
              in.text(),
              in.octets(),
              in.format() >= 2 ? in.octets() : new byte[0]);
      byScope.computeIfAbsent(item.scope, _ -> new ArrayList<>()).add(item);
    }
    byScope.forEach((scope, items) -> {
      Lane lane = lanes.computeIfAbsent(scope, _ -> new Lane());
      lane.lock.lock();
      try {
        append(scope, lane, items);
      } finally {
        lane.lock.unlock();
      }
    });
  }

  /// Records a call that changed nothing (read, refused) by a commit of its own; durable when it
  /// returns. Calls that change something are recorded by their own commit.
  public void record(Scope scope, AuditEntry entry) {
    Lane lane = lanes.computeIfAbsent(scope, _ -> new Lane());
    var ticket = new Ticket(item(scope, entry));
    synchronized (lane.waiting) {
      lane.waiting.add(ticket);
    }
    lane.lock.lock();
    try {
      while (!ticket.done) writeWaiting(scope, lane);
    } finally {
      lane.lock.unlock();
    }
    if (ticket.failure.isPresent()) throw ticket.failure.get();
  }

  private void writeWaiting(Scope scope, Lane lane) {
    List<Ticket> batch = new ArrayList<>();
    synchronized (lane.waiting) {
      while (batch.size() < BATCH_MAX && !lane.waiting.isEmpty()) batch.add(lane.waiting.poll());
    }
    try {
      append(scope, lane, batch.stream().map(ticket -> ticket.item).toList());
    } catch (RuntimeException e) {
      batch.forEach(ticket -> ticket.failure = Optional.of(e));
    } finally {
      batch.forEach(ticket -> ticket.done = true);
    }
  }

  private void append(Scope scope, Lane lane, List<Item> items) {
    int from = 0;
    while (from < items.size()) {
      int to = from;
      long bytes = 0;
      while (to < items.size() && to - from < BATCH_MAX && bytes < BATCH_BYTES_MAX) {
        bytes += items.get(to++).json.length;
      }
      List<Item> part = items.subList(from, to);
      turnPage(scope, lane);
      Optional<PartitionId> before = lane.before.map(month -> AuditRows.partition(scope, month));
      commits.change(
          AuditRows.partition(scope, lane.latest.orElseThrow()),
          change -> append(change, before, part));
      from = to;
    }
  }

  /// Makes the lane's month the one to write to: this month, or the latest that there is, should
  /// the clock have been set back.
  private void turnPage(Scope scope, Lane lane) {
    YearMonth now = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    if (!lane.known) {
      List<YearMonth> months =
          AuditRows.partitions(commits.store(), scope).stream()
              .map(partition -> YearMonth.parse(AuditRows.month(partition)))
              .toList();
      int count = months.size();
      if (count > 0) lane.latest = Optional.of(months.get(count - 1));
      if (count > 1) lane.before = Optional.of(months.get(count - 2));
      lane.known = true;
    }
    if (lane.latest.filter(latest -> !latest.isBefore(now)).isPresent()) return;
    // A month that was turned to and never written to is no link of the chain.
    boolean written =
        lane.latest
            .filter(m -> AuditRows.head(commits.store(), AuditRows.partition(scope, m)).isPresent())
            .isPresent();
    if (written) lane.before = lane.latest;
    lane.latest = Optional.of(now);
  }

  private boolean append(PartitionChange change, Optional<PartitionId> before, List<Item> items) {
    Head head =
        change
            .get(AuditRows.HEAD, AuditRows.ONLY)
            .map(Head::of)
            .orElseGet(() -> continued(change.partition(), before));
    boolean first = head.count() == 0;
    List<String> seen = new ArrayList<>();
    for (Item item : items) {
      byte[] id = item.eventId.getBytes(StandardCharsets.UTF_8);
      // At least once becomes once: a repeated effect finds its record, perhaps in the month
      // before.
      boolean known =
          seen.contains(item.eventId)
              || change.get(AuditRows.IDS, id).isPresent()
              || before
                  .flatMap(partition -> commits.store().get(partition, AuditRows.IDS, id))
                  .isPresent();
      if (known) continue;
      seen.add(item.eventId);
      byte[] hash = AuditRows.hash(head.hash(), item.json);
      byte[] key = new byte[16];
      random.nextBytes(key);
      change.putOnce(
          AuditRows.RECORDS,
          key,
          new Chained(item.eventTime, item.eventId, head.hash(), hash, item.json).value());
      head = new Head(head.count() + 1, hash, head.before());
      change.put(AuditRows.SEQUENCE, AuditRows.number(head.count()), key);
      change.put(AuditRows.TIMES, AuditRows.timeKey(item.eventTime, id), key);
      change.put(AuditRows.IDS, id, AuditRows.number(head.count()));
      for (int i = 0; i < item.attributes.length; i += AuditRows.ATTRIBUTE_BYTES) {
        byte[] attribute = Arrays.copyOfRange(item.attributes, i, i + AuditRows.ATTRIBUTE_BYTES);
        change.put(
            AuditRows.ATTRIBUTES,
            AuditRows.attributeKey(attribute, item.eventTime, head.count()),
            key);
      }
    }
    if (!seen.isEmpty() || first) change.put(AuditRows.HEAD, AuditRows.ONLY, head.value());
    return true;
  }

  private Head continued(PartitionId partition, Optional<PartitionId> before) {
    Optional<AuditPosition> end =
        before.flatMap(month ->
            AuditRows.head(commits.store(), month)
                .map(head ->
                    new AuditPosition(
                        YearMonth.parse(AuditRows.month(month)), head.count(), head.hash())));
    byte[] hash = end.map(AuditPosition::hash).orElseGet(() -> AuditRows.beginning(partition));
    return new Head(0, hash, end);
  }

  /// Records with `from <= eventTime < to`, oldest first, at most `countMax`; those of changes
  /// appear once the outbox runner has moved them, usually within a second.
  public List<Stored> read(Scope scope, Instant from, Instant to, int countMax) {
    List<Stored> found = new ArrayList<>();
    Range range =
        Range.of(AuditRows.number(from.toEpochMilli()), AuditRows.number(to.toEpochMilli()));
    // A record may arrive in a later month than its event, never in an earlier one.
    for (PartitionId partition : AuditRows.partitions(commits.store(), scope)) {
      Optional<Range> next = Optional.of(range);
      int left = countMax;
      while (next.isPresent() && left > 0) {
        Page page =
            commits.store().range(partition, AuditRows.TIMES, next.get(), Math.min(left, 1000));
        for (Row row : page.rows()) found.add(load(partition, row.value()).stored());
        left -= page.rows().size();
        next = page.next();
      }
    }
    found.sort(Comparator.comparing(Stored::eventTime).thenComparing(Stored::eventId));
    return found.size() <= countMax ? found : List.copyOf(found.subList(0, countMax));
  }

  /// Looks into the event history.
  ///
  /// @throws org.mailstead.base.RefusedException INVALID: `resume` is none of ours
  public AuditQuery.Page find(Scope scope, AuditQuery query) {
    return new AuditHistory(commits.store()).find(scope, query);
  }

  private Chained load(PartitionId partition, byte[] key) {
    return AuditRows.record(commits.store(), partition, key)
        .orElseThrow(() -> new IllegalStateException("an audit record is missing"));
  }

  /// Every scope that has a log, in pages.
  public List<Scope> scopes() {
    List<Scope> found = new ArrayList<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = commits.store().partitions("audit/", after, 1000);
      for (PartitionId partition : page) {
        var scope = scope(partition);
        if (found.isEmpty() || !found.getLast().equals(scope)) found.add(scope);
      }
      if (page.size() < 1000) return found;
      after = Optional.of(page.getLast());
    }
  }

  /// The records after a position, in the order in which they were recorded; empty when there are
  /// none yet.
  ///
  /// @param after empty: from the beginning
  /// @param bytesMax of JSON; one record at least is taken
  public Optional<Batch> next(
      Scope scope, Optional<AuditPosition> after, int countMax, long bytesMax) {
    List<Stored> found = new ArrayList<>();
    Optional<AuditPosition> end = Optional.empty();
    long bytes = 0;
    for (PartitionId partition : AuditRows.partitions(commits.store(), scope)) {
      YearMonth month = YearMonth.parse(AuditRows.month(partition));
      if (after.isPresent() && month.isBefore(after.get().month())) continue;
      long number =
          after.filter(a -> a.month().equals(month)).map(AuditPosition::number).orElse(0L);
      Optional<Range> next = Optional.of(Range.from(AuditRows.number(number + 1)));
      while (next.isPresent() && found.size() < countMax && bytes < bytesMax) {
        Page page = commits.store().range(partition, AuditRows.SEQUENCE, next.get(), 200);
        for (Row row : page.rows()) {
          if (found.size() >= countMax || bytes >= bytesMax) break;
          Chained record = load(partition, row.value());
          found.add(record.stored());
          bytes += record.json().length;
          end =
              Optional.of(
                  new AuditPosition(month, ByteBuffer.wrap(row.key()).getLong(), record.hash()));
        }
        next = page.next();
      }
    }
    return end.map(position -> new Batch(found, position));
  }

  /// How many records there are after a position.
  public long countAfter(Scope scope, Optional<AuditPosition> after) {
    long count = 0;
    for (PartitionId partition : AuditRows.partitions(commits.store(), scope)) {
      YearMonth month = YearMonth.parse(AuditRows.month(partition));
      if (after.isPresent() && month.isBefore(after.get().month())) continue;
      long known = after.filter(a -> a.month().equals(month)).map(AuditPosition::number).orElse(0L);
      count +=
          AuditRows.head(commits.store(), partition).map(head -> head.count() - known).orElse(0L);
    }
    return count;
  }

  /// A position that was kept under a name.
  public Optional<AuditPosition> mark(Scope scope, String name) {
    return Optional.ofNullable(AuditChain.marks(commits.store(), scope).get(name));
  }

  /// Keeps a position under a name. From then on the check misses the log if it ends before it.
  public void keepMark(Scope scope, String name, AuditPosition position) {
    byte[] value = AuditRows.write(new ValueWriter(MARK_FORMAT), position).value();
    commits.change(
        AuditRows.marks(scope),
        change -> change.put(AuditRows.MARKS, name.getBytes(StandardCharsets.UTF_8), value));
  }

  /// Marks where each log ends now, so that a cut end shows. About once in five minutes.
  public void markEnds() {
    for (Scope scope : scopes()) {
      List<PartitionId> months = AuditRows.partitions(commits.store(), scope);
      if (months.isEmpty()) continue;
      YearMonth month = YearMonth.parse(AuditRows.month(months.getLast()));
      Optional<Head> head = AuditRows.head(commits.store(), months.getLast());
      if (head.isEmpty() || head.get().count() == 0) continue;
      Optional<AuditPosition> mark = mark(scope, "end");
      boolean same =
          mark.filter(m -> m.month().equals(month) && m.number() == head.get().count()).isPresent();
      if (same) continue;
      keepMark(scope, "end", new AuditPosition(month, head.get().count(), head.get().hash()));
    }
  }

  /// The scope of a partition of the log.
  public static Scope scope(PartitionId partition) {
    String id = partition.value();
    return new Scope(id.substring(id.indexOf('/') + 1, id.lastIndexOf('/')));
  }

  /// Walks the chain of one scope, over all its months.
  ///
  /// @return what is wrong, in words; empty if nothing is
  public static List<String> verify(Store store, Scope scope) {
    return new AuditChain(store, scope).verify();
  }
}
