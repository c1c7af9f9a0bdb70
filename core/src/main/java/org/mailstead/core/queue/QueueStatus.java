package org.mailstead.core.queue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.store.Page;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// What operators see of the queue. Reads only.
public final class QueueStatus {
  /// One entry in a list.
  ///
  /// @param due when it is tried next; the end of the claim when it is worked on; far away when
  ///   held
  public record Summary(
      QueueId id,
      QueueEnvelope envelope,
      int recipientCount,
      int pendingCount,
      Instant due,
      boolean isWorkedOn,
      boolean isHeld) {}

  /// One entry with its recipients, states by the same index.
  ///
  /// @param hook what a Run Lambda rule has to do with it
  public record Details(
      Summary summary,
      List<QueueRecipient> recipients,
      List<RecipientState> states,
      Optional<EntryHook> hook) {}

  /// The queue in numbers, counted by walking it.
  ///
  /// @param oldest when the oldest entry was received
  public record Counts(
      long entries, long pendingRecipients, long workedOn, long due, Optional<Instant> oldest) {}

  private final Store store;
  private final QueueReader reader;
  private final InstantSource clock;

  public QueueStatus(Store store, InstantSource clock) {
    this.store = store;
    this.reader = new QueueReader(store);
    this.clock = clock;
  }

  /// Entries in the order of their ids.
  ///
  /// @param after the last id of the page before
  public List<Summary> list(Optional<QueueId> after, int countMax) {
    List<Summary> found = new ArrayList<>();
    int first = after.map(QueueId::shard).orElse(0);
    for (int shard = first; shard < QueueLimits.SHARD_COUNT && found.size() < countMax; shard++) {
      Optional<Range> range = Optional.of(Range.all());
      if (shard == first && after.isPresent()) {
        range = Range.successor(QueueRows.key(after.get())).map(Range::from);
      }
      while (range.isPresent() && found.size() < countMax) {
        Page page =
            store.range(
                QueueRows.partition(shard),
                QueueRows.ENTRIES,
                range.get(),
                countMax - found.size());
        for (Row row : page.rows()) found.add(summary(QueueRows.header(row.value())));
        range = page.next();
      }
    }
    return found;
  }

  public Optional<Details> find(QueueId id) {
    return reader
        .findHeader(id)
        .map(header ->
            new Details(
                summary(header),
                reader.loadRecipients(header),
                reader.loadStates(header),
                reader.findHook(id)));
  }

  public Counts counts() {
    Instant now = clock.instant();
    long entries = 0;
    long pending = 0;
    long workedOn = 0;
    long due = 0;
    Optional<Instant> oldest = Optional.empty();
    Optional<QueueId> after = Optional.empty();
    while (true) {
      List<Summary> page = list(after, 500);
      for (Summary each : page) {
        entries++;
        pending += each.pendingCount();
        if (each.isWorkedOn()) workedOn++;
        else if (!each.due().isAfter(now)) due++;
        Instant received = each.envelope().received();
        if (oldest.isEmpty() || received.isBefore(oldest.get())) oldest = Optional.of(received);
      }
      if (page.size() < 500) break;
      after = Optional.of(page.getLast().id());
    }
    return new Counts(entries, pending, workedOn, due, oldest);
  }

  private static Summary summary(QueueRows.Header header) {
    return new Summary(
        header.id(),
        header.envelope(),
        header.recipientCount(),
        header.pendingCount(),
        header.due(),
        header.claim().isPresent(),
        header.isHeld());
  }
}
