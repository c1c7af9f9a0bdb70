package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.WriteBatch;

/// Each row of a directory that is deleted, and each superfluous index row, is found.
final class DirectoryCheckTest {
  private static List<String> errors(CoreFixture core) {
    return new StoreCheck(core.store(), List.of(new DirectoryCheck())).run().errors();
  }

  private static void damage(
      String prefix, Collection collection, Predicate<Row> which, boolean found) {
    var core = new CoreFixture();
    assertThat(errors(core)).isEmpty();
    List<String> missed = new ArrayList<>();
    for (PartitionId partition : core.store().partitions(prefix, Optional.empty(), 1000)) {
      for (Row row : core.store().range(partition, collection, Range.all(), 1000).rows()) {
        if (!which.test(row)) continue;
        commit(core, partition, new WriteBatch().delete(collection, row.key()));
        if (errors(core).isEmpty() == found) missed.add(partition + " " + collection);
        commit(core, partition, new WriteBatch().put(collection, row.key(), row.value()));
        assertThat(errors(core)).isEmpty();
      }
    }
    assertThat(missed).isEmpty();
    core.abandon();
  }

  private static void commit(CoreFixture core, PartitionId partition, WriteBatch batch) {
    core.store()
        .commit(
            partition,
            core.store().version(partition),
            CommitId.random(java.util.random.RandomGenerator.getDefault()),
            batch);
  }

  @Test
  void aMissingRowOfAnEntityOrIndexIsFound() {
    for (Collection collection :
        List.of(
            EntityRows.NAMES,
            EntityRows.EMAILS,
            EntityRows.DISPLAY_NAMES,
            EntityRows.MEMBERS,
            EntityRows.MEMBER_OF,
            EntityRows.MEMBER_COUNTS,
            EntityRows.HEAD,
            EntityRows.DOMAIN_USE)) {
      damage("directory/", collection, _ -> true, true);
    }
    damage(
        "directory/",
        EntityRows.ENTITIES,
        row -> row.key()[row.key().length - 1] == 'c' && row.key()[row.key().length - 2] == 0,
        true);
  }

  @Test
  void aMissingClaimIsFound() {
    var core = new CoreFixture();
    int found = 0;
    for (PartitionId partition : core.store().partitions("claim/", Optional.empty(), 1000)) {
      var claim = Claims.readAny(core.store(), partition).orElseThrow();
      if (claim.kind() == Claims.Kind.DIRECTORY) continue;
      var collection = new Collection(1, "claim");
      Row row = core.store().range(partition, collection, Range.all(), 1).rows().getFirst();
      commit(core, partition, new WriteBatch().delete(collection, row.key()));
      assertThat(errors(core)).as(claim.kind() + " " + claim.name()).isNotEmpty();
      commit(core, partition, new WriteBatch().put(collection, row.key(), row.value()));
      found++;
    }
    assertThat(found).isEqualTo(5 + 5 + 2 + 1); // names, addresses, domains, alias
    core.abandon();
  }

  @Test
  void aSuperfluousIndexRowIsFound() {
    var core = new CoreFixture();
    PartitionId shard = core.store().partitions("directory/", Optional.empty(), 1).getFirst();
    commit(
        core,
        shard,
        new WriteBatch()
            .put(
                EntityRows.NAMES,
                EntityRows.indexKey(EntityKind.USER, "ghost", core.anna()),
                new byte[] {1}));
    assertThat(errors(core)).isNotEmpty();
    core.abandon();
  }
}
