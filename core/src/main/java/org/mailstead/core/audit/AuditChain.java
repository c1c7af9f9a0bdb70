package org.mailstead.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.core.audit.AuditRows.Chained;
import org.mailstead.core.audit.AuditRows.Head;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Proves that the log of one scope is whole, over all its months: every record is there, in its
/// order, as it was written, and none is missing at the end. What the end must be is written three
/// times: in the head of the month, in the head of the month after, and in marks that are set every
/// few minutes in a partition of their own.
final class AuditChain {
  private final Store store;
  private final AuditLog.Scope scope;
  private final List<String> wrong = new ArrayList<>();

  AuditChain(Store store, AuditLog.Scope scope) {
    this.store = store;
    this.scope = scope;
  }

  /// @return what is wrong, in words; empty if nothing is
  List<String> verify() {
    Map<String, AuditPosition> marks = marks(store, scope);
    Optional<AuditPosition> before = Optional.empty();
    for (PartitionId partition : AuditRows.partitions(store, scope)) {
      before = Optional.of(month(partition, before, marks));
    }
    marks.forEach((name, mark) ->
        wrong.add("the log ends before " + name + ", where it was already: " + mark.month()));
    return wrong;
  }

  /// What the log had reached, by name.
  static Map<String, AuditPosition> marks(Store store, AuditLog.Scope scope) {
    Map<String, AuditPosition> marks = new TreeMap<>();
    for (Row row : store.range(AuditRows.marks(scope), AuditRows.MARKS, Range.all(), 100).rows()) {
      marks.put(
          new String(row.key(), java.nio.charset.StandardCharsets.UTF_8),
          AuditRows.position(new ValueReader(row.value(), 1)));
    }
    return marks;
  }

  /// @param marks those that are met here are taken out
  /// @return the end of this month's chain
  private AuditPosition month(
      PartitionId partition, Optional<AuditPosition> before, Map<String, AuditPosition> marks) {
    String month = AuditRows.month(partition);
    // Somebody may be writing: what the head says is read on both sides of the walk.
    Optional<Head> head = AuditRows.head(store, partition);
    if (head.isEmpty()) wrong.add(month + ": there is no head");
    byte[] expected = before.map(AuditPosition::hash).orElse(AuditRows.beginning(partition));
    head.ifPresent(h -> link(month, h, before));
    long count = 0;
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = store.range(partition, AuditRows.SEQUENCE, next.get(), 1000);
      for (Row row : page.rows()) {
        count++;
        if (!Arrays.equals(row.key(), AuditRows.number(count))) {
          wrong.add(month + ": record " + count + " is missing");
          count = java.nio.ByteBuffer.wrap(row.key()).getLong();
        }
        Optional<Chained> record = AuditRows.record(store, partition, row.value());
        if (record.isEmpty()) {
          wrong.add(month + ": record " + count + " is missing");
          continue;
        }
        if (count == 1 && head.isPresent() && head.get().before().isEmpty()) {
          // Months that were begun before the link was kept may begin anew after a gap.
          byte[] anew = AuditRows.beginning(partition);
          if (Arrays.equals(record.get().before(), anew)) expected = anew;
        }
        expected = check(month, count, record.get(), expected);
        meet(month, count, expected, marks);
        if (head.isPresent() && head.get().count() == count) {
          if (!Arrays.equals(head.get().hash(), expected)) {
            wrong.add(month + ": the head does not end the chain");
          }
        }
      }
      next = page.next();
    }
    long least = head.map(Head::count).orElse(0L);
    long most = AuditRows.head(store, partition).map(Head::count).orElse(0L);
    if (count < least || count > most) {
      wrong.add(month + ": the head counts " + most + " records, there are " + count);
    }
    return new AuditPosition(java.time.YearMonth.parse(month), count, expected);
  }

  private void link(String month, Head head, Optional<AuditPosition> before) {
    // Months that were begun before the link was kept are held by their first record alone.
    if (head.before().isEmpty()) return;
    AuditPosition link = head.before().get();
    if (before.isEmpty() || !before.get().month().equals(link.month())) {
      wrong.add(month + ": the month before it, " + link.month() + ", is missing");
    } else if (before.get().number() != link.number()
        || !Arrays.equals(before.get().hash(), link.hash())) {
      wrong.add(
          month
              + ": "
              + link.month()
              + " had "
              + link.number()
              + " records when it ended, and now another end");
    }
  }

  private byte[] check(String month, long count, Chained record, byte[] expected) {
    if (!Arrays.equals(expected, record.before())) {
      wrong.add(month + ": the chain is broken before record " + count);
    }
    if (!Arrays.equals(record.hash(), AuditRows.hash(record.before(), record.json()))) {
      wrong.add(month + ": record " + count + " was changed");
    }
    return record.hash();
  }

  private void meet(String month, long count, byte[] hash, Map<String, AuditPosition> marks) {
    marks
        .values()
        .removeIf(mark -> {
          if (!mark.month().toString().equals(month) || mark.number() != count) return false;
          if (!Arrays.equals(mark.hash(), hash)) {
            wrong.add(month + ": record " + count + " is not the one that was marked");
          }
          return true;
        });
  }
}
