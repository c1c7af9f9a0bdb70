package org.mailstead.core.search;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.MailboxId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The text indexes of all mailboxes of this process, opened on demand, a bounded number at a time.
/// Mailboxes that have changed are indexed by one background thread when they have been quiet for a
/// while, so that delivery never waits for it; a search that finds its index far behind waits until
/// it has caught up.
public final class TextIndexes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TextIndexes.class);

  /// What a search learns from the index.
  ///
  /// @param possible emails that may match, ascending
  /// @param sure emails that match, ascending; none of them is in `possible`
  /// @param reached every email with a higher id may match too
  public record Answer(long[] possible, long[] sure, long reached) {}

  private record Pending(IndexedMailbox mailbox, Instant changed) {}

  private final Path folder;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<MailboxId, TextIndex> open = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<MailboxId, Pending> pending = new ConcurrentHashMap<>();
  private final Thread feeder;
  private volatile boolean closed;

  /// @param folder one subfolder per mailbox; may be deleted while nothing runs
  public TextIndexes(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
    this.feeder =
        Thread.ofPlatform().name("search-feeder").daemon(true).unstarted(this::feedForEver);
    feeder.start();
  }

  /// The mailbox has new messages.
  public void changed(IndexedMailbox mailbox) {
    if (mailbox.emailCount() <= SearchLimits.UNINDEXED_EMAILS_MAX) return;
    pending.put(mailbox.id(), new Pending(mailbox, clock.instant()));
  }

  /// The emails whose headers or body may, or certainly do, contain each of these texts (folded as
  /// [org.mailstead.formats.mime.SearchText] does). Empty when the index cannot help: a small
  /// mailbox, texts without a letter or digit, or an index that cannot be used; everything must be
  /// read then.
  public Optional<Answer> candidates(IndexedMailbox mailbox, List<String> texts) {
    if (mailbox.emailCount() <= SearchLimits.UNINDEXED_EMAILS_MAX) return Optional.empty();
    if (texts.stream().allMatch(t -> Terms.wanted(t).isEmpty())) return Optional.empty();
    try {
      TextIndex index = index(mailbox);
      while (mailbox.emailsAfter(index.reached(), SearchLimits.UNINDEXED_SCAN_MAX + 1).length
          > SearchLimits.UNINDEXED_SCAN_MAX) {
        index.feed(mailbox);
      }
      TextIndex.Candidates found = index.candidates(texts);
      return Optional.of(new Answer(found.possible(), found.sure(), found.reached()));
    } catch (IOException | IllegalStateException e) {
      // Derived data: a search without its index is slow, never wrong.
      LOG.warn("search index of mailbox {} not usable: {}", mailbox.id(), e.toString());
      forget(mailbox.id());
      return Optional.empty();
    }
  }

  /// Whether nothing waits to be indexed.
  public boolean isIdle() {
    return pending.isEmpty();
  }

  /// Removes a mailbox's index.
  public void delete(MailboxId mailbox) {
    pending.remove(mailbox);
    forget(mailbox);
    try {
      TextIndex.delete(path(mailbox));
    } catch (IOException e) {
      LOG.warn("search index of mailbox {} not deleted: {}", mailbox, e.getMessage());
    }
  }

  private void feedForEver() {
    while (!closed) {
      try {
        TimeUnit.MILLISECONDS.sleep(200);
        for (Pending next : pending.values()) {
          if (clock.instant().isBefore(next.changed().plus(SearchLimits.QUIET))) continue;
          feed(next);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("search feeder", e);
      }
    }
  }

  private void feed(Pending next) {
    IndexedMailbox mailbox = next.mailbox();
    try {
      TextIndex index = index(mailbox);
      if (index.documentCount() > 1000 && index.documentCount() > 2 * mailbox.emailCount()) {
        delete(mailbox.id()); // mostly messages that are gone: build it again
        index = index(mailbox);
      }
      while (!closed && index.feed(mailbox)) LOG.debug("indexing {}", mailbox.id());
    } catch (IOException | IllegalStateException e) {
      LOG.warn("mailbox {} not indexed: {}", mailbox.id(), e.toString());
      forget(mailbox.id());
    } finally {
      pending.remove(mailbox.id(), next);
    }
  }

  private TextIndex index(IndexedMailbox mailbox) throws IOException {
    lock.lock();
    try {
      TextIndex found = open.get(mailbox.id());
      if (found != null) return found;
      TextIndex opened = TextIndex.open(path(mailbox.id()), mailbox.searchKey());
      open.put(mailbox.id(), opened);
      if (open.size() > SearchLimits.OPEN_INDEXES_MAX) {
        var eldest = open.entrySet().iterator();
        var victim = eldest.next();
        eldest.remove();
        victim.getValue().close();
      }
      return opened;
    } finally {
      lock.unlock();
    }
  }

  private void forget(MailboxId mailbox) {
    lock.lock();
    try {
      TextIndex index = open.remove(mailbox);
      if (index != null) index.close();
    } catch (IOException e) {
      LOG.warn("search index of mailbox {} not closed: {}", mailbox, e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private Path path(MailboxId mailbox) {
    return folder.resolve(mailbox.value().replaceAll("[^A-Za-z0-9-]", "_"));
  }

  @Override
  public void close() {
    closed = true;
    feeder.interrupt();
    try {
      feeder.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      for (TextIndex index : open.values()) index.close();
      open.clear();
    } catch (IOException e) {
      LOG.warn("search indexes not closed: {}", e.getMessage());
    } finally {
      lock.unlock();
    }
  }
}
