package org.mailstead.core.trace;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.Versions;
import org.mailstead.core.queue.QueueId;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Message traces: for each message, who sent it, what each rule and check said, where each copy
/// went. Thread-safe.
///
/// **Writing.** [#add] never waits and makes no commit of its own: a thread writes what has come in
/// batches, one commit for each organization and day. A crash may cost the entries of the last half
/// second, and a store that is behind those that do not fit the queue; they are counted
/// (docs/decisions/0066-message-trace.md).
///
/// **Keeping.** A partition for each organization and day, dropped whole when its time is over.
public final class MessageTrace implements AutoCloseable {
  /// Messages that one request looks at: its page may be short, or empty, and go on.
  public static final int LOOKED_AT_MAX = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(MessageTrace.class);
  private static final int BATCH_MAX = 1_000;
  private static final int ROWS_PER_COMMIT_MAX = 200;
  private static final int PAGE_ROWS = 200;
  private static final int EVENT_ROWS_MAX = 5_000;
  private static final int EVENT_BYTES_PER_ROW_MAX = 32 << 10;
  private static final Duration GATHERED = Duration.ofMillis(200);

  private final Store store;
  private final OrganizationKeys keys;
  private final TraceSettings settings;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Versions versions;
  private final Commits commits;
  private final BlockingQueue<TraceEntry> queue;
  private final AtomicLong added = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong number = new AtomicLong();
  private final Thread writer;
  private volatile boolean closing;

  public MessageTrace(
      Store store,
      OrganizationKeys keys,
      TraceSettings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.keys = keys;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.versions = new Versions(store);
    this.commits = new Commits(store, versions, random);
    this.queue = new ArrayBlockingQueue<>(settings.queuedMax());
    this.writer = Thread.ofPlatform().daemon().name("message-trace").start(this::write);
  }

  /// Whether anything is traced, so that nobody gathers it for nothing.
  public boolean isOn() {
    return settings.keepDays() > 0;
  }

  /// Never waits, never throws.
  public void add(TraceEntry entry) {
    if (!isOn() || closing) return;
    added.incrementAndGet();
    if (queue.offer(entry)) return;
    added.decrementAndGet();
    dropped.incrementAndGet();
  }

  /// Entries that were lost since the start because the store was behind or away.
  public long droppedCount() {
    return dropped.get();
  }

  /// Waits until everything that was added before is written; for tests and for the end.
  ///
  /// @return whether it is
  public boolean flush(Duration timeout) {
    long wanted = added.get();
    long end = System.nanoTime() + timeout.toNanos();
    while (done.get() < wanted && System.nanoTime() < end && writer.isAlive()) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return done.get() >= wanted;
  }

  private void write() {
    List<TraceEntry> batch = new ArrayList<>();
    while (!closing || !queue.isEmpty()) {
      try {
        TraceEntry first = queue.poll(GATHERED.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) continue;
        // What follows a message within a moment is written with it.
        if (!closing && queue.size() < BATCH_MAX) Thread.sleep(GATHERED);
        batch.add(first);
        queue.drainTo(batch, BATCH_MAX);
        write(batch);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        dropped.addAndGet(batch.size());
        LOG.error("{} entries of message traces were lost", batch.size(), e);
      } finally {
        done.addAndGet(batch.size());
        batch.clear();
      }
    }
  }

  private record Day(OrganizationId organization, LocalDate day) {}

  private record NewRow(org.mailstead.store.Collection collection, byte[] key, byte[] value) {}

  private void write(List<TraceEntry> batch) {
    Map<Day, List<TraceEntry>> days = new LinkedHashMap<>();
    for (TraceEntry entry : batch) {
      days.computeIfAbsent(
              new Day(entry.organization(), TraceRows.dayOf(entry.time())), _ -> new ArrayList<>())
          .add(entry);
    }
    days.forEach((day, entries) -> {
      try {
        write(day, entries);
      } catch (RefusedException e) {
        // The organization's key was destroyed.
        LOG.debug("no trace of {}: {}", day.organization().value(), e.logText());
      } catch (UnavailableException e) {
        dropped.addAndGet(entries.size());
        LOG.warn(
            "{} entries of message traces of {} were lost: {}",
            entries.size(),
            day.organization().value(),
            e.getMessage());
      }
    });
  }

  private void write(Day day, List<TraceEntry> entries) {
    List<NewRow> rows = new ArrayList<>();
    Map<String, List<TraceEvent>> events = new LinkedHashMap<>();
    for (TraceEntry entry : entries) {
      switch (entry) {
        case TraceEntry.Arrived(var organization, var summary) -> {
          rows.add(
              new NewRow(
                  TraceRows.MESSAGES,
                  TraceRows.messageKey(summary.received(), summary.id()),
                  keys.seal(organization, TraceRows.value(summary))));
          rows.add(
              new NewRow(
                  TraceRows.IDS,
                  TraceRows.idKey(summary.id()),
                  TraceRows.timeKey(summary.received())));
        }
        case TraceEntry.Happened(var organization, var message, var event) -> {
          List<TraceEvent> all = events.computeIfAbsent(message, _ -> new ArrayList<>());
          if (!all.isEmpty()
              && event.size() + all.stream().mapToInt(TraceEvent::size).sum()
                  > EVENT_BYTES_PER_ROW_MAX) {
            rows.add(row(organization, message, all));
            all.clear();
          }
          all.add(event);
        }
      }
    }
    events.forEach((message, all) -> rows.add(row(day.organization(), message, all)));
    PartitionId partition = TraceRows.partition(day.organization(), day.day());
    for (int from = 0; from < rows.size(); from += ROWS_PER_COMMIT_MAX) {
      List<NewRow> some = rows.subList(from, Math.min(from + ROWS_PER_COMMIT_MAX, rows.size()));
      commits.change(
          partition,
          change -> {
            for (NewRow row : some) put(change, row);
            return true;
          });
    }
  }

  private static void put(PartitionChange change, NewRow row) {
    change.putOnce(row.collection(), row.key(), row.value());
  }

  private NewRow row(OrganizationId organization, String message, List<TraceEvent> events) {
    return new NewRow(
        TraceRows.EVENTS,
        TraceRows.eventKey(
            message,
            events.getFirst().time(),
            // Fresh over restarts too, and in the order of what was told.
            (number.incrementAndGet() << 24) | (random.nextLong() & 0xFF_FFFF)),
        keys.seal(organization, TraceRows.value(events)));
  }

  /// A page of messages, the newest first.
  ///
  /// @param next where to go on; empty: that was all
  public record Found(List<TraceSummary> messages, Optional<String> next) {}

  /// @param from where the page before ended
  /// @throws IllegalArgumentException `from` is not from here
  public Found find(
      OrganizationId organization, TraceQuery query, Optional<String> from, int countMax) {
    List<TraceSummary> found = new ArrayList<>();
    int lookedAt = 0;
    Optional<Position> start = from.map(Position::parse);
    for (PartitionId partition : days(organization)) {
      LocalDate day = TraceRows.dayOf(partition);
      if (start.isPresent() && day.isAfter(start.get().day())) continue;
      if (query.until().isPresent() && day.isAfter(TraceRows.dayOf(query.until().get()))) continue;
      if (query.since().isPresent() && day.isBefore(TraceRows.dayOf(query.since().get()))) break;
      Optional<Range> range =
          Optional.of(
              start.isPresent() && day.equals(start.get().day())
                  ? Range.all().backwards().after(start.get().key())
                  : Range.all().backwards());
      while (range.isPresent()) {
        Page page = store.range(partition, TraceRows.MESSAGES, range.get(), PAGE_ROWS);
        for (Row row : page.rows()) {
          lookedAt++;
          TraceSummary summary = TraceRows.summary(keys.open(organization, row.value()));
          if (query.matches(summary)) found.add(summary);
          if (found.size() == countMax || lookedAt == LOOKED_AT_MAX) {
            return new Found(found, Optional.of(new Position(day, row.key()).toString()));
          }
        }
        range = page.next();
      }
    }
    return new Found(found, Optional.empty());
  }

  private record Position(LocalDate day, byte[] key) {
    static Position parse(String text) {
      int at = text.indexOf(' ');
      if (at < 0) throw new IllegalArgumentException("no position in a trace");
      return new Position(
          LocalDate.parse(text.substring(0, at)), HexFormat.of().parseHex(text.substring(at + 1)));
    }

    @Override
    public String toString() {
      return day + " " + HexFormat.of().formatHex(key);
    }
  }

  /// A message that is known yet.
  ///
  /// @param message an id of any of its queue entries
  public Optional<TraceSummary> find(OrganizationId organization, String message) {
    String id = QueueId.parse(message).message().toString();
    for (PartitionId partition : days(organization)) {
      Optional<byte[]> time = store.get(partition, TraceRows.IDS, TraceRows.idKey(id));
      if (time.isEmpty()) continue;
      Instant received = Instant.ofEpochMilli(java.nio.ByteBuffer.wrap(time.get()).getLong());
      return store
          .get(partition, TraceRows.MESSAGES, TraceRows.messageKey(received, id))
          .map(value -> TraceRows.summary(keys.open(organization, value)));
    }
    return Optional.empty();
  }

  /// All that is known of a message, oldest first.
  public List<TraceEvent> events(OrganizationId organization, String message) {
    String id = QueueId.parse(message).message().toString();
    List<TraceEvent> events = new ArrayList<>();
    int rows = 0;
    for (PartitionId partition : days(organization).reversed()) {
      Optional<Range> range = Optional.of(Range.prefix(TraceRows.idKey(id)));
      while (range.isPresent() && rows < EVENT_ROWS_MAX) {
        Page page = store.range(partition, TraceRows.EVENTS, range.get(), PAGE_ROWS);
        for (Row row : page.rows()) {
          rows++;
          events.addAll(TraceRows.events(keys.open(organization, row.value())));
        }
        range = page.next();
      }
    }
    events.sort(Comparator.comparing(TraceEvent::time));
    return events;
  }

  /// Newest first.
  private List<PartitionId> days(OrganizationId organization) {
    List<PartitionId> all = partitions(TraceRows.prefix(organization));
    all.sort(Comparator.comparing(PartitionId::value).reversed());
    return all;
  }

  private List<PartitionId> partitions(String prefix) {
    List<PartitionId> all = new ArrayList<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = store.partitions(prefix, after, 1_000);
      all.addAll(page);
      if (page.size() < 1_000) return all;
      after = Optional.of(page.getLast());
    }
  }

  /// Drops days whose time is over. To be called every hour or so.
  ///
  /// @return how many partitions went
  public int prune() {
    LocalDate first =
        clock.instant().atOffset(ZoneOffset.UTC).toLocalDate().minusDays(settings.keepDays());
    int count = 0;
    for (PartitionId partition : partitions(TraceRows.PREFIX)) {
      if (!TraceRows.dayOf(partition).isBefore(first)) continue;
      store.drop(partition);
      versions.forget(partition);
      count++;
    }
    return count;
  }

  @Override
  public void close() {
    closing = true;
    try {
      writer.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    versions.close();
  }
}
