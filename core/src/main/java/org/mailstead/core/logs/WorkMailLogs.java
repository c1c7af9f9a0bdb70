package org.mailstead.core.logs;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Writes records to files, on a thread of its own. [#add] never waits: when records come faster
/// than the disk takes them, those that do not fit the queue are dropped, counted, and the next
/// line of that log says how many (`{"dropped": n}`).
///
/// These logs are for reading, not for proof: a crash may cost the records of the last second. What
/// must not be lost is the audit log's.
public final class WorkMailLogs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkMailLogs.class);
  private static final int BATCH_MAX = 1_000;

  private final LogSettings settings;
  private final LogFiles files;
  private final Function<OrganizationId, String> arns;
  private final Predicate<OrganizationId> emailEvents;
  private final RandomGenerator random;
  private final BlockingQueue<LogRecord> queue;
  private final AtomicLong added = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final JsonMapper json = JsonMapper.builder().build();
  private final Map<LogGroup, AtomicLong> untold = new java.util.EnumMap<>(LogGroup.class);
  private final Thread writer;
  private volatile boolean closing;

  /// @param arns of organizations
  /// @param emailEvents whether an organization wants its e-mail events
  ///   (PutEmailMonitoringConfiguration)
  public WorkMailLogs(
      LogSettings settings,
      Function<OrganizationId, String> arns,
      Predicate<OrganizationId> emailEvents,
      InstantSource clock,
      RandomGenerator random) {
    this.settings = settings;
    this.files = new LogFiles(settings, clock);
    this.arns = arns;
    this.emailEvents = emailEvents;
    this.random = random;
    this.queue = new ArrayBlockingQueue<>(settings.queuedMax());
    for (LogGroup group : LogGroup.values()) untold.put(group, new AtomicLong());
    this.writer = Thread.ofPlatform().daemon().name("workmail-logs").start(this::write);
  }

  /// Whether records of this group are wanted at all, so that nobody makes them for nothing.
  public boolean isOn(LogGroup group) {
    return settings.groups().contains(group);
  }

  /// Takes a record. Never waits, never throws.
  public void add(LogRecord record) {
    if (!isOn(record.group()) || closing) return;
    added.incrementAndGet();
    if (queue.offer(record)) return;
    added.decrementAndGet();
    dropped.incrementAndGet();
    counter(record.group()).incrementAndGet();
  }

  /// Records that were dropped since the start.
  public long droppedCount() {
    return dropped.get();
  }

  LogFiles files() {
    return files;
  }

  /// Waits until everything that was added before is in the files; for tests and for the end.
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

  private AtomicLong counter(LogGroup group) {
    AtomicLong counter = untold.get(group);
    if (counter == null) throw new IllegalStateException("no counter for " + group);
    return counter;
  }

  private void write() {
    List<LogRecord> batch = new ArrayList<>();
    while (!closing || !queue.isEmpty()) {
      try {
        LogRecord first = queue.poll(200, TimeUnit.MILLISECONDS);
        if (first != null) batch.add(first);
        queue.drainTo(batch, BATCH_MAX);
        for (LogRecord record : batch) writeOne(record);
        files.flush();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        LOG.warn("a log cannot be written: {}", e.getMessage());
      } finally {
        done.addAndGet(batch.size());
        batch.clear();
      }
    }
  }

  private void writeOne(LogRecord record) {
    try {
      if (record.group() == LogGroup.EMAIL_EVENTS && !emailEvents.test(record.organization())) {
        return;
      }
      long missed = counter(record.group()).getAndSet(0);
      if (missed > 0) {
        files.append(record.organization(), record.group(), line(Map.of("dropped", missed)));
      }
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("event_timestamp", record.time().toEpochMilli());
      all.put("request_id", new UUID(random.nextLong(), random.nextLong()).toString());
      all.put("organization_arn", arns.apply(record.organization()));
      all.putAll(record.members());
      files.append(record.organization(), record.group(), line(all));
    } catch (IOException | RuntimeException e) {
      dropped.incrementAndGet();
      LOG.warn("a record of {} was lost: {}", record.group(), e.toString());
    }
  }

  private byte[] line(Map<String, Object> members) {
    byte[] text = json.writeValueAsBytes(members);
    byte[] line = java.util.Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    return line;
  }

  /// Ends the files that were begun before this time, so that they can be delivered, and removes
  /// old ones.
  public void tidy(Instant begunBefore) {
    try {
      files.endBegunBefore(begunBefore);
      files.removeOld();
    } catch (IOException e) {
      LOG.warn("logs cannot be tidied: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      writer.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    files.close();
  }
}
