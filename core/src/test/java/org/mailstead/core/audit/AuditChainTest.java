package org.mailstead.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog.Scope;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.WriteBatch;

@DisplayName("JRN-2: the log is one chain, over all months")
final class AuditChainTest {
  private static final Collection RECORDS = new Collection(1, "records");
  private static final Collection HEAD = new Collection(2, "head");
  private static final Collection SEQUENCE = new Collection(3, "sequence");

  private static Scope scope(CoreFixture core) {
    return new Scope(core.organization().value());
  }

  private static void record(CoreFixture core, int count) {
    for (int i = 0; i < count; i++) {
      core.directory().audit().record(scope(core), core.change("ListUsers").entry());
    }
  }

  private static List<PartitionId> months(CoreFixture core) {
    return core.store().partitions("audit/" + scope(core).value() + "/", Optional.empty(), 100);
  }

  private static List<String> verify(CoreFixture core) {
    return AuditLog.verify(core.store(), scope(core));
  }

  /// January, nothing in February and March, April, May.
  private static CoreFixture threeMonths() {
    var core = new CoreFixture();
    record(core, 3);
    core.clock().advance(Duration.ofDays(100));
    record(core, 4);
    core.reopen();
    core.clock().advance(Duration.ofDays(31));
    record(core, 5);
    core.directory().audit().markEnds();
    return core;
  }

  private static void edit(CoreFixture core, PartitionId partition, Consumer<WriteBatch> change) {
    var batch = new WriteBatch();
    change.accept(batch);
    core.store()
        .commit(
            partition,
            core.store().version(partition),
            CommitId.random(new java.util.Random(1)),
            batch);
  }

  private static List<Row> sequence(CoreFixture core, PartitionId month) {
    return core.store().range(month, SEQUENCE, Range.all(), 100).rows();
  }

  @Test
  void aChainGoesOnAfterMonthsWithoutRecordsAndAfterTheClockWasSetBack() {
    try (var core = threeMonths()) {
      assertThat(months(core))
          .extracting(AuditRows::month)
          .containsExactly("2027-01", "2027-04", "2027-05");
      assertThat(verify(core)).isEmpty();
      core.clock().advance(Duration.ofDays(-60));
      record(core, 2);
      assertThat(months(core)).hasSize(3);
      assertThat(verify(core)).isEmpty();
      assertThat(core.directory().audit().countAfter(scope(core), Optional.empty()))
          .isEqualTo(
              core.directory()
                  .audit()
                  .next(scope(core), Optional.empty(), 1_000, 1 << 30)
                  .orElseThrow()
                  .records()
                  .size());
    }
  }

  @Test
  void removalChangeReorderAndCuttingTheEndAreFound() {
    List<Consumer<CoreFixture>> attacks = new ArrayList<>();
    // A record less, in the middle, and everything after it renumbered.
    attacks.add(core -> {
      PartitionId month = months(core).get(1);
      List<Row> rows = sequence(core, month);
      edit(
          core,
          month,
          batch -> {
            batch.put(SEQUENCE, rows.get(1).key(), rows.get(2).value());
            batch.put(SEQUENCE, rows.get(2).key(), rows.get(3).value());
            batch.delete(SEQUENCE, rows.get(3).key());
          });
    });
    // Two records in each other's place.
    attacks.add(core -> {
      PartitionId month = months(core).get(0);
      List<Row> rows = sequence(core, month);
      edit(
          core,
          month,
          batch -> {
            batch.put(SEQUENCE, rows.get(0).key(), rows.get(1).value());
            batch.put(SEQUENCE, rows.get(1).key(), rows.get(0).value());
          });
    });
    // Another text.
    attacks.add(core -> {
      PartitionId month = months(core).get(2);
      Row record = core.store().range(month, RECORDS, Range.all(), 1).rows().getFirst();
      byte[] changed = record.value().clone();
      changed[changed.length - 9] ^= 1;
      edit(core, month, batch -> batch.put(RECORDS, record.key(), changed));
    });
    // The end of a month that another follows, with a head that fits.
    attacks.add(core -> cut(core, months(core).get(0)));
    // The end of the last month, with a head that fits.
    attacks.add(core -> cut(core, months(core).get(2)));
    // Whole months: the first, one in the middle, the last.
    for (int i = 0; i < 3; i++) {
      int gone = i;
      attacks.add(core -> core.store().drop(months(core).get(gone)));
    }
    for (int i = 0; i < attacks.size(); i++) {
      var core = threeMonths();
      assertThat(verify(core)).isEmpty();
      attacks.get(i).accept(core);
      assertThat(verify(core)).as("attack %d", i).isNotEmpty();
      core.abandon();
    }
  }

  private static void cut(CoreFixture core, PartitionId month) {
    List<Row> rows = sequence(core, month);
    Row last = rows.getLast();
    Row before = rows.get(rows.size() - 2);
    AuditRows.Chained end = AuditRows.record(core.store(), month, before.value()).orElseThrow();
    AuditRows.Head head = AuditRows.head(core.store(), month).orElseThrow();
    edit(
        core,
        month,
        batch -> {
          batch.delete(SEQUENCE, last.key());
          batch.put(
              HEAD,
              new byte[] {0},
              new AuditRows.Head(head.count() - 1, end.hash(), head.before()).value());
        });
  }

  @Test
  void readingOnFromAPositionCrossesMonthsAndRepeatsNothing() {
    try (var core = threeMonths()) {
      AuditLog audit = core.directory().audit();
      List<String> ids = new ArrayList<>();
      Optional<AuditPosition> at = Optional.empty();
      while (true) {
        Optional<AuditLog.Batch> batch = audit.next(scope(core), at, 5, 1 << 20);
        if (batch.isEmpty()) break;
        assertThat(batch.get().records()).hasSizeLessThanOrEqualTo(5);
        batch.get().records().forEach(record -> ids.add(record.eventId()));
        at = Optional.of(batch.get().end());
      }
      assertThat(ids).doesNotHaveDuplicates();
      assertThat((long) ids.size()).isEqualTo(audit.countAfter(scope(core), Optional.empty()));
      assertThat(audit.countAfter(scope(core), at)).isZero();
    }
  }
}
