package org.mailstead.core.queue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.store.Collection;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionCheck;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Proves of a queue shard that every entry is whole, has its one place in the time index, counts
/// its recipients right, and that no row belongs to nobody.
public final class QueueCheck implements PartitionCheck {
  private static final int PAGE_ROWS = 500;

  @Override
  public boolean covers(PartitionId partition) {
    return partition.value().matches("queue/[0-9]{1,2}");
  }

  @Override
  public void check(Store store, PartitionId partition, Findings findings) {
    Map<QueueId, QueueRows.Header> headers = new HashMap<>();
    for (Row row : rows(store, partition, QueueRows.ENTRIES)) {
      QueueRows.Header header = QueueRows.header(row.value());
      QueueId id = QueueRows.idOf(row.key());
      if (!id.equals(header.id())) findings.error(partition + ": entry " + id + " says another id");
      if (!QueueRows.partition(id.shard()).equals(partition)) {
        findings.error(partition + ": entry " + id + " is in the wrong shard");
      }
      headers.put(id, header);
      header.blob().ifPresent(blob -> findings.refersTo(partition, blob));
      checkEntry(store, partition, header, findings);
    }
    checkIndex(store, partition, headers, findings);
    for (Row row : rows(store, partition, QueueRows.CONTENTS)) {
      orphan(partition, QueueRows.idOf(row.key()), "content", headers, findings);
    }
    for (Row row : rows(store, partition, QueueRows.RECIPIENTS)) {
      orphan(partition, QueueRows.idOf(row.key()), "recipients", headers, findings);
    }
    for (Row row : rows(store, partition, QueueRows.STATES)) {
      orphan(partition, QueueRows.idOf(row.key()), "states", headers, findings);
    }
    for (Row row : rows(store, partition, QueueRows.HOOKS)) {
      QueueRows.hook(row.value());
      orphan(partition, QueueRows.idOf(row.key()), "hook", headers, findings);
    }
    for (Row row : rows(store, partition, QueueRows.HOOK_NAMES)) {
      orphan(partition, QueueRows.idOf(row.key()), "names", headers, findings);
    }
    for (Row row : rows(store, partition, QueueRows.RELEASES)) {
      if (row.key().length != org.mailstead.store.BlobId.BYTES) {
        findings.error(partition + ": a release names no blob");
      }
    }
  }

  private static void checkEntry(
      Store store, PartitionId partition, QueueRows.Header header, Findings findings) {
    QueueReader reader = new QueueReader(store);
    try {
      int recipients = reader.loadRecipients(header).size();
      List<RecipientState> states = reader.loadStates(header);
      reader.loadNames(header, reader.findHook(header.id()));
      long pending = states.stream().filter(RecipientState::isPending).count();
      if (pending != header.pendingCount()) {
        findings.error(
            partition
                + ": entry "
                + header.id()
                + " counts "
                + header.pendingCount()
                + " pending recipients of "
                + recipients
                + " but has "
                + pending);
      }
      if (pending == 0 && header.claim().isEmpty()) {
        findings.error(partition + ": entry " + header.id() + " is finished but there");
      }
    } catch (IllegalStateException e) {
      findings.error(partition + ": entry " + header.id() + ": " + e.getMessage());
    }
    Optional<QueueRows.StoredContent> content =
        store
            .get(partition, QueueRows.CONTENTS, QueueRows.key(header.id()))
            .map(QueueRows::content);
    if (content.isEmpty()) {
      findings.error(partition + ": entry " + header.id() + " has no content");
    } else if (content.get().inline().isPresent() == header.blob().isPresent()) {
      findings.error(partition + ": entry " + header.id() + ": its content is in the wrong place");
    }
  }

  private static void checkIndex(
      Store store,
      PartitionId partition,
      Map<QueueId, QueueRows.Header> headers,
      Findings findings) {
    Set<QueueId> due = new HashSet<>();
    for (Row row : rows(store, partition, QueueRows.DUE)) {
      QueueId id = QueueRows.dueIdOf(row.key());
      QueueRows.Header header = headers.get(id);
      if (header == null
          || !header.due().equals(QueueRows.dueOf(row.key()))
          || !header.lane().equals(QueueRows.laneOf(row.value()))) {
        findings.error(partition + ": the time index holds a wrong row of entry " + id);
      } else {
        due.add(id);
      }
    }
    Set<QueueId> claimed = new HashSet<>();
    for (Row row : rows(store, partition, QueueRows.CLAIMS)) {
      claimed.add(QueueRows.idOf(row.key()));
      orphan(partition, QueueRows.idOf(row.key()), "claim", headers, findings);
    }
    for (QueueRows.Header header : headers.values()) {
      if (!due.contains(header.id())) {
        findings.error(partition + ": entry " + header.id() + " is not in the time index");
      }
      if (header.claim().isPresent() != claimed.contains(header.id())) {
        findings.error(partition + ": entry " + header.id() + " and the claims disagree");
      }
    }
  }

  private static void orphan(
      PartitionId partition,
      QueueId id,
      String what,
      Map<QueueId, QueueRows.Header> headers,
      Findings findings) {
    if (!headers.containsKey(id)) {
      findings.error(partition + ": " + what + " of an entry that is not there: " + id);
    }
  }

  private static List<Row> rows(Store store, PartitionId partition, Collection collection) {
    List<Row> all = new java.util.ArrayList<>();
    Optional<Range> range = Optional.of(Range.all());
    while (range.isPresent()) {
      Page page = store.range(partition, collection, range.get(), PAGE_ROWS);
      all.addAll(page.rows());
      range = page.next();
    }
    return all;
  }
}
