package org.mailstead.core.spam;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.mailbox.JunkListener;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.store.DamagedBlobException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Learns, in a thread of its own, from what users do with their mail and from what comes and goes,
/// so that neither IMAP nor delivery waits for it. What waits is in memory only, and bounded: a
/// crash takes the lessons of the last moments, a flood of moves those beyond the bound.
public final class SpamLearning implements JunkListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpamLearning.class);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  private final SpamModels models;

  /// An empty one only wakes the thread.
  private final BlockingQueue<Optional<Sorted>> pending =
      new LinkedBlockingQueue<>(SpamLimits.PENDING_MAX);

  private final Map<OrganizationId, Notes> notes = new HashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Thread thread;
  private int noteCount;
  private volatile boolean flushNow;
  private volatile boolean closed;

  /// A message that a user has sorted.
  private record Sorted(Mailbox mailbox, EmailId email, boolean isSpam) {}

  /// What waits to be noted of an organization.
  private record Notes(Set<String> writtenTo, Map<String, int[]> domains) {}

  public SpamLearning(SpamModels models) {
    this.models = models;
    this.thread =
        Thread.ofPlatform().name("spam-learning").daemon(true).unstarted(this::learnForEver);
    thread.start();
  }

  public SpamModels models() {
    return models;
  }

  @Override
  public void sorted(Mailbox mailbox, List<EmailId> emails, boolean isSpam) {
    for (EmailId email : emails) {
      open.incrementAndGet();
      if (pending.offer(Optional.of(new Sorted(mailbox, email, isSpam)))) continue;
      open.decrementAndGet();
      if (over.compareAndSet(false, true)) {
        LOG.warn("more messages are sorted than can be learned from: some are left out");
      }
      return;
    }
  }

  @Override
  public void deleted(MailboxId mailbox) {
    models.forget(mailbox);
  }

  /// A user has written to these addresses.
  public void wrote(OrganizationId organization, List<String> addresses) {
    synchronized (notes) {
      for (String address : addresses) {
        if (noteCount >= SpamLimits.NOTES_MAX) return;
        if (notes(organization).writtenTo.add(address)) noteCount++;
      }
    }
  }

  /// A message came in whose author's domain is sure.
  public void came(OrganizationId organization, String domain, boolean isSpam) {
    synchronized (notes) {
      if (noteCount >= SpamLimits.NOTES_MAX) return;
      int[] counts = notes(organization).domains.get(domain);
      if (counts == null) {
        noteCount++;
        counts = new int[2];
        notes(organization).domains.put(domain, counts);
      }
      counts[isSpam ? 0 : 1]++;
    }
  }

  private Notes notes(OrganizationId organization) {
    return notes.computeIfAbsent(organization, _ -> new Notes(new HashSet<>(), new HashMap<>()));
  }

  /// Waits until what has been told so far is learned: for tests and orderly ends.
  public void flush() throws InterruptedException {
    flushNow = true;
    while ((open.get() > 0 || isNoting() || flushNow) && thread.isAlive()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private boolean isNoting() {
    synchronized (notes) {
      return noteCount > 0;
    }
  }

  private void learnForEver() {
    long noted = System.nanoTime();
    try {
      while (!closed) {
        Optional<Sorted> first = pending.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) over.set(false);
        else first.ifPresent(this::learnFrom);
        if (flushNow || System.nanoTime() - noted > SpamLimits.NOTE_INTERVAL.toNanos()) {
          noteAll();
          noted = System.nanoTime();
          if (pending.isEmpty()) flushNow = false;
        }
      }
    } catch (InterruptedException e) {
      // It is the end.
    }
  }

  /// And from those of the same mailbox that follow it.
  private void learnFrom(Sorted first) {
    List<Sorted> batch = new ArrayList<>();
    batch.add(first);
    while (batch.size() < SpamLimits.BATCH_MAX) {
      Optional<Sorted> next = pending.peek();
      if (next == null || next.isEmpty()) break;
      if (!next.get().mailbox.id().equals(first.mailbox.id())) break;
      pending.remove();
      batch.add(next.get());
    }
    try {
      Mailbox mailbox = first.mailbox;
      List<SpamModels.Lesson> lessons = new ArrayList<>();
      for (Sorted each : batch) {
        tokens(each)
            .ifPresent(
                tokens -> lessons.add(new SpamModels.Lesson(each.email, tokens, each.isSpam)));
      }
      if (lessons.isEmpty()) return;
      int learned = models.learn(mailbox.organization(), mailbox.id(), lessons);
      LOG.debug("mailbox {}: learned from {} messages", mailbox.id(), learned);
    } catch (RefusedException e) {
      LOG.debug("mailbox {}: nothing learned: {}", first.mailbox.id(), e.logText());
    } catch (UnavailableException e) {
      LOG.warn("mailbox {}: nothing learned: {}", first.mailbox.id(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("mailbox {}: nothing learned", first.mailbox.id(), e);
    } finally {
      open.addAndGet(-batch.size());
    }
  }

  private static Optional<MessageTokens> tokens(Sorted sorted) {
    try (Content content = sorted.mailbox.content(sorted.email)) {
      return Optional.of(MessageTokens.of(content));
    } catch (RefusedException | DamagedBlobException e) {
      return Optional.empty(); // Gone meanwhile, or not readable.
    }
  }

  private void noteAll() {
    Map<OrganizationId, Notes> taken;
    synchronized (notes) {
      taken = new HashMap<>(notes);
      notes.clear();
      noteCount = 0;
    }
    taken.forEach((organization, all) -> {
      try {
        List<SpamModels.Note> domains = new ArrayList<>();
        all.domains.forEach((domain, counts) -> {
          if (counts[0] > 0) domains.add(new SpamModels.Note(domain, true, counts[0]));
          if (counts[1] > 0) domains.add(new SpamModels.Note(domain, false, counts[1]));
        });
        models.note(organization, List.copyOf(all.writtenTo), domains);
      } catch (RefusedException e) {
        LOG.debug("organization {}: nothing noted: {}", organization.value(), e.logText());
      } catch (UnavailableException e) {
        LOG.warn("organization {}: nothing noted: {}", organization.value(), e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("organization {}: nothing noted", organization.value(), e);
      }
    });
  }

  @Override
  public void close() {
    closed = true;
    pending.offer(Optional.empty());
    try {
      thread.join(STOP_PATIENCE);
      thread.interrupt();
      thread.join(STOP_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    noteAll();
    models.close();
  }
}
