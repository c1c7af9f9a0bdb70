package org.mailstead.core.directory;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// The job that removes what is kept for 30 days (USR-6): mailboxes of users who were disabled and
/// not enabled again, and the last trace of deleted entities. A scheduler calls [#runOnce] about
/// once an hour; calling it at any time, twice or after a crash is harmless.
public final class Retention {
  private static final int PAGE_ROWS = 200;

  private final Parts parts;

  Retention(Parts parts) {
    this.parts = parts;
  }

  /// @return how many mailboxes and traces were removed
  public int runOnce() {
    Instant now = parts.clock().instant();
    int removed = 0;
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> shards = parts.store().partitions("directory/", after, PAGE_ROWS);
      for (PartitionId shard : shards) removed += run(shard, now);
      if (shards.size() < PAGE_ROWS) return removed;
      after = Optional.of(shards.getLast());
    }
  }

  private int run(PartitionId shard, Instant now) {
    String[] names = shard.value().split("/");
    var directory = new DirectoryId(names[1]);
    byte[] end = ByteBuffer.allocate(8).putLong(now.toEpochMilli() + 1).array();
    int removed = 0;
    Optional<Range> next = Optional.of(Range.of(new byte[8], end));
    while (next.isPresent()) {
      Page page = parts.store().range(shard, EntityRows.RETENTION, next.get(), PAGE_ROWS);
      List<EntityId> due = new ArrayList<>();
      for (Row row : page.rows()) due.add(EntityRows.retained(row.key()));
      for (EntityId entity : due) removed += remove(directory, entity, now) ? 1 : 0;
      next = page.next();
    }
    return removed;
  }

  private boolean remove(DirectoryId directory, EntityId entity, Instant now) {
    return parts
        .entities()
        .change(
            directory,
            entity,
            (commit, stored) -> {
              if (stored.isEmpty()) return false;
              boolean traceOver = isOver(stored.get().traceDue(), now);
              if (!traceOver && !isOver(stored.get().mailboxDue(), now)) return false;
              stored
                  .get()
                  .entity()
                  .mailbox()
                  .ifPresent(mailbox -> Consequences.startMailbox(commit, mailbox));
              Entities.write(
                  commit,
                  stored,
                  traceOver ? Optional.empty() : stored.map(s -> s.withoutMailbox(now)));
              return true;
            });
  }

  private static boolean isOver(Optional<Instant> due, Instant now) {
    return due.filter(at -> !at.isAfter(now)).isPresent();
  }
}
