package org.mailstead.core.flow;

import java.util.HashSet;
import java.util.List;
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

/// Proves of a shard of messages in flow that each is in its shard and in the time index, has its
/// contents, and that no row belongs to nobody.
public final class FlowCheck implements PartitionCheck {
  private static final int PAGE_ROWS = 500;

  @Override
  public boolean covers(PartitionId partition) {
    return partition.value().matches("flow/[0-9]{1,2}");
  }

  @Override
  public void check(Store store, PartitionId partition, Findings findings) {
    Set<String> contents = new HashSet<>();
    for (Row row : rows(store, partition, FlowRows.CONTENTS)) {
      contents.add(FlowRows.text(row.key()));
      FlowRows.StoredContent content = FlowRows.content(row.value());
      content.blob().ifPresent(blob -> findings.refersTo(partition, blob));
      if (content.blob().isPresent() == content.inline().isPresent()) {
        findings.error(partition + ": a content is in two places or in none");
      }
    }
    Set<String> times = new HashSet<>();
    for (Row row : rows(store, partition, FlowRows.TIMES)) times.add(FlowRows.idOf(row.key()));
    for (Row row : rows(store, partition, FlowRows.MESSAGES)) {
      FlowMessage message = FlowMessage.read(FlowRows.text(row.key()), row.value());
      if (!FlowRows.partition(message.id()).equals(partition)) {
        findings.error(partition + ": message " + message.id() + " is in the wrong shard");
      }
      if (!times.remove(message.id())) {
        findings.error(partition + ": message " + message.id() + " is not in the time index");
      }
      if (!contents.remove(message.original().hex())
          || (message.replacement().isPresent()
              && !contents.remove(message.replacement().get().hex()))) {
        findings.error(partition + ": message " + message.id() + " has no content");
      }
    }
    if (!times.isEmpty()) findings.error(partition + ": the time index names unknown messages");
    if (!contents.isEmpty()) findings.error(partition + ": contents of no message");
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
