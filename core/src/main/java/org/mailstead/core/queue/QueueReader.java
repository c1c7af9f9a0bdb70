package org.mailstead.core.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Reads entries from their rows.
final class QueueReader {
  private final Store store;

  QueueReader(Store store) {
    this.store = store;
  }

  Optional<QueueRows.Header> findHeader(QueueId id) {
    return store.get(partition(id), QueueRows.ENTRIES, QueueRows.key(id)).map(QueueRows::header);
  }

  List<QueueRecipient> loadRecipients(QueueRows.Header header) {
    List<QueueRecipient> recipients = new ArrayList<>(header.recipientCount());
    for (int i = 0; i < QueueRows.segmentCount(header.recipientCount()); i++) {
      byte[] key = QueueRows.key(header.id(), i);
      recipients.addAll(
          QueueRows.segment(
              store
                  .get(partition(header.id()), QueueRows.RECIPIENTS, key)
                  .orElseThrow(
                      () -> new IllegalStateException("recipients of a queue entry are lost"))));
    }
    Invariant.check(recipients.size() == header.recipientCount(), "recipients of a queue entry");
    return recipients;
  }

  List<RecipientState> loadStates(QueueRows.Header header) {
    List<RecipientState> states = new ArrayList<>(header.recipientCount());
    for (int i = 0; i < header.recipientCount(); i++) {
      states.add(RecipientState.fresh(header.envelope().received()));
    }
    Optional<Range> range = Optional.of(Range.prefix(QueueRows.key(header.id())));
    while (range.isPresent()) {
      Page page =
          store.range(
              partition(header.id()),
              QueueRows.STATES,
              range.get(),
              QueueLimits.RESULTS_PER_COMMIT_MAX);
      for (Row row : page.rows()) {
        int number = QueueRows.numberOf(row.key());
        Invariant.check(number >= 0 && number < states.size(), "number of a queue recipient");
        states.set(number, QueueRows.state(row.value()));
      }
      range = page.next();
    }
    return states;
  }

  Optional<EntryHook> findHook(QueueId id) {
    return store.get(partition(id), QueueRows.HOOKS, QueueRows.key(id)).map(QueueRows::hook);
  }

  /// Recipients as the peer named them, if the entry is for a function.
  List<EmailAddress> loadNames(QueueRows.Header header, Optional<EntryHook> hook) {
    if (hook.isEmpty() || !(hook.get() instanceof EntryHook.Call)) return List.of();
    List<EmailAddress> names = new ArrayList<>(header.recipientCount());
    for (int i = 0; i < QueueRows.segmentCount(header.recipientCount()); i++) {
      byte[] key = QueueRows.key(header.id(), i);
      names.addAll(
          store
              .get(partition(header.id()), QueueRows.HOOK_NAMES, key)
              .map(QueueRows::names)
              .orElseThrow(() -> new IllegalStateException("names of a queue entry are lost")));
    }
    Invariant.check(names.size() == header.recipientCount(), "names of a queue entry");
    return names;
  }

  StagedContent loadContent(QueueRows.Header header, OrganizationKeys keys) {
    QueueRows.StoredContent stored =
        store
            .get(partition(header.id()), QueueRows.CONTENTS, QueueRows.key(header.id()))
            .map(QueueRows::content)
            .orElseThrow(() -> new IllegalStateException("content of a queue entry is lost"));
    OrganizationId organization = header.envelope().organization();
    return StagedContent.of(
        organization, keys.open(organization, stored.sealedReference()), stored.inline());
  }

  private static PartitionId partition(QueueId id) {
    return QueueRows.partition(id.shard());
  }
}
