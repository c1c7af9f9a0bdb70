package org.mailstead.core.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Effect;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
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
  private static final Collection RECORDS = new Collection(1, "records");
  private static final Collection HEAD = new Collection(2, "head");
  private static final Collection SEQUENCE = new Collection(3, "sequence");
  private static final Collection TIMES = new Collection(4, "times");
  private static final Collection IDS = new Collection(5, "ids");
  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
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

  private record Item(Scope scope, Instant eventTime, String eventId, byte[] json) {}

  /// Those who wait to be recorded in one scope: who gets the lock first writes for all.
  private static final class Lane {
    final ReentrantLock lock = new ReentrantLock();
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
        new ValueWriter(FORMAT)
            .text(item.scope.value)
            .time(item.eventTime)
            .text(item.eventId)
            .octets(item.json)
            .value());
  }

  private static Item item(Scope scope, AuditEntry entry) {
    return new Item(scope, entry.eventTime(), entry.eventId(), json(entry));
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
      var in = new ValueReader(effect.payload(), FORMAT);
      var item = new Item(new Scope(in.text()), in.time(), in.text(), in.octets());
      byScope.computeIfAbsent(item.scope, _ -> new ArrayList<>()).add(item);
    }
    byScope.forEach(this::append);
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
      append(scope, batch.stream().map(ticket -> ticket.item).toList());
    } catch (RuntimeException e) {
      batch.forEach(ticket -> ticket.failure = Optional.of(e));
    } finally {
      batch.forEach(ticket -> ticket.done = true);
    }
  }

  private void append(Scope scope, List<Item> items) {
    int from = 0;
    while (from < items.size()) {
      int to = from;
      long bytes = 0;
      while (to < items.size() && to - from < BATCH_MAX && bytes < BATCH_BYTES_MAX) {
        bytes += items.get(to++).json.length;
      }
      List<Item> part = items.subList(from, to);
      YearMonth month = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
      PartitionId before = partition(scope, month.minusMonths(1));
      commits.change(partition(scope, month), change -> append(change, before, part));
      from = to;
    }
  }

  private boolean append(PartitionChange change, PartitionId before, List<Item> items) {
    Head head =
        change
            .get(HEAD, ONLY)
            .map(Head::of)
            .orElseGet(() -> new Head(0, continued(change.partition(), before)));
    boolean first = head.count == 0;
    List<String> seen = new ArrayList<>();
    for (Item item : items) {
      byte[] id = item.eventId.getBytes(StandardCharsets.UTF_8);
      // At least once becomes once: a repeated effect finds its record, perhaps in the month
      // before.
      boolean known =
          seen.contains(item.eventId)
              || change.get(IDS, id).isPresent()
              || commits.store().get(before, IDS, id).isPresent();
      if (known) continue;
      seen.add(item.eventId);
      byte[] hash = hash(head.hash, item.json);
      byte[] key = new byte[16];
      random.nextBytes(key);
      change.putOnce(
          RECORDS,
          key,
          new ValueWriter(FORMAT)
              .time(item.eventTime)
              .text(item.eventId)
              .octets(head.hash)
              .octets(hash)
              .octets(item.json)
              .value());
      head = new Head(head.count + 1, hash);
      change.put(SEQUENCE, number(head.count), key);
      change.put(TIMES, timeKey(item.eventTime, id), key);
      change.put(IDS, id, number(head.count));
    }
    if (!seen.isEmpty() || first) change.put(HEAD, ONLY, head.value());
    return true;
  }

  private byte[] continued(PartitionId partition, PartitionId before) {
    return commits
        .store()
        .get(before, HEAD, ONLY)
        .map(row -> Head.of(row).hash)
        .orElseGet(() -> hash(new byte[0], partition.value().getBytes(StandardCharsets.UTF_8)));
  }

  private record Head(long count, byte[] hash) {
    static Head of(byte[] row) {
      var in = new ValueReader(row, FORMAT);
      return new Head(in.number(), in.octets());
    }

    byte[] value() {
      return new ValueWriter(FORMAT).number(count).octets(hash).value();
    }
  }

  /// Records with `from <= eventTime < to`, oldest first, at most `countMax`; those of changes
  /// appear once the outbox runner has moved them, usually within a second.
  public List<Stored> read(Scope scope, Instant from, Instant to, int countMax) {
    List<Stored> found = new ArrayList<>();
    // A record may arrive in a later month than its event, never in an earlier one.
    for (PartitionId partition : partitions(scope)) {
      Optional<Range> next =
          Optional.of(Range.of(number(from.toEpochMilli()), number(to.toEpochMilli())));
      int left = countMax;
      while (next.isPresent() && left > 0) {
        Page page = commits.store().range(partition, TIMES, next.get(), Math.min(left, 1000));
        for (Row row : page.rows()) found.add(stored(partition, row.value()));
        left -= page.rows().size();
        next = page.next();
      }
    }
    found.sort(Comparator.comparing(Stored::eventTime).thenComparing(Stored::eventId));
    return found.size() <= countMax ? found : List.copyOf(found.subList(0, countMax));
  }

  private Stored stored(PartitionId partition, byte[] key) {
    Chained record = chained(commits.store(), partition, key);
    return new Stored(
        record.eventTime, record.eventId, new String(record.json, StandardCharsets.UTF_8));
  }

  private record Chained(
      Instant eventTime, String eventId, byte[] before, byte[] hash, byte[] json) {}

  private static Chained chained(Store store, PartitionId partition, byte[] key) {
    byte[] row =
        store
            .get(partition, RECORDS, key)
            .orElseThrow(() -> new IllegalStateException("an audit record is missing"));
    var in = new ValueReader(row, FORMAT);
    return new Chained(in.time(), in.text(), in.octets(), in.octets(), in.octets());
  }

  private List<PartitionId> partitions(Scope scope) {
    return commits.store().partitions("audit/" + scope.value + "/", Optional.empty(), 1200);
  }

  /// Walks one partition's chain.
  ///
  /// @return what is wrong, in words; empty if nothing is
  public static List<String> verify(Store store, PartitionId partition) {
    List<String> wrong = new ArrayList<>();
    long count = 0;
    Optional<byte[]> hash = Optional.empty();
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = store.range(partition, SEQUENCE, next.get(), 1000);
      for (Row row : page.rows()) {
        count++;
        if (!Arrays.equals(row.key(), number(count))) wrong.add("record " + count + " is missing");
        Chained record = chained(store, partition, row.value());
        if (hash.isPresent() && !Arrays.equals(hash.get(), record.before)) {
          wrong.add("the chain is broken before record " + count);
        }
        if (!Arrays.equals(record.hash, hash(record.before, record.json))) {
          wrong.add("record " + count + " was changed");
        }
        hash = Optional.of(record.hash);
      }
      next = page.next();
    }
    Optional<Head> head = store.get(partition, HEAD, ONLY).map(Head::of);
    if (head.isPresent() && head.get().count != count) {
      wrong.add("the head counts " + head.get().count + " records, there are " + count);
    }
    if (head.isPresent() && hash.isPresent() && !Arrays.equals(head.get().hash, hash.get())) {
      wrong.add("the head does not end the chain");
    }
    return wrong;
  }

  private static PartitionId partition(Scope scope, YearMonth month) {
    return new PartitionId("audit/" + scope.value + "/" + month);
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] timeKey(Instant time, byte[] id) {
    return ByteBuffer.allocate(8 + id.length).putLong(time.toEpochMilli()).put(id).array();
  }

  private static byte[] hash(byte[] before, byte[] json) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(before);
      return digest.digest(json);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
