package org.mailstead.core.spam;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.keys.SealingKey;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// One learned table with its key and totals, as of one version of its partition: immutable.
///
/// A partition holds a head (the table's keys, sealed for the organization, and how many messages
/// of each sort were learned) and up to [SpamLimits#BUCKETS] rows of counts, each sealed with the
/// table's key. Words are stored by a keyed hash. Without the organization's key nothing of it can
/// be read, the number of rows apart.
record CountModel(Head head, CountRow[] rows) {
  static final Collection HEAD = new Collection(1, "head");
  static final Collection COUNTS = new Collection(2, "counts");

  /// Email id → as what it was learned.
  static final Collection LESSONS = new Collection(3, "lessons");

  static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
  private static final int PAGE_ROWS = 1_000;

  /// @param lessonCount rows of [#LESSONS]
  record Head(
      OrganizationId organization,
      byte[] sealedKeys,
      long spamMessages,
      long hamMessages,
      long lessonCount) {
    static Head read(byte[] value) {
      var in = new ValueReader(value, FORMAT);
      return new Head(
          new OrganizationId(in.text()), in.octets(), in.number(), in.number(), in.number());
    }

    byte[] value() {
      return new ValueWriter(FORMAT)
          .text(organization.value())
          .octets(sealedKeys)
          .number(spamMessages)
          .number(hamMessages)
          .number(lessonCount)
          .value();
    }

    Head with(long spam, long ham, long lessons) {
      return new Head(
          organization, sealedKeys, Math.max(0, spam), Math.max(0, ham), Math.max(0, lessons));
    }

    boolean isSure() {
      return spamMessages >= SpamLimits.SURE_MIN && hamMessages >= SpamLimits.SURE_MIN;
    }

    boolean isTrained() {
      return spamMessages >= SpamLimits.TRAINED_MIN && hamMessages >= SpamLimits.TRAINED_MIN;
    }
  }

  /// The keys of a table, opened.
  record Keys(SealingKey sealing, SipHash hash) {
    static Keys open(OrganizationKeys keys, Head head) {
      byte[] octets = keys.open(head.organization(), head.sealedKeys());
      return new Keys(
          SealingKey.of(Arrays.copyOf(octets, SealingKey.KEY_BYTES)),
          new SipHash(Arrays.copyOfRange(octets, SealingKey.KEY_BYTES, octets.length)));
    }
  }

  static Head fresh(OrganizationId organization, OrganizationKeys keys, RandomGenerator random) {
    byte[] octets = new byte[SealingKey.KEY_BYTES + SipHash.KEY_BYTES];
    random.nextBytes(octets);
    return new Head(organization, keys.seal(organization, octets), 0, 0, 0);
  }

  /// Empty if nothing was learned.
  static Optional<CountModel> load(Store store, PartitionId partition, OrganizationKeys keys) {
    Optional<byte[]> value = store.get(partition, HEAD, ONLY);
    if (value.isEmpty()) return Optional.empty();
    Head head = Head.read(value.get());
    SealingKey sealing = Keys.open(keys, head).sealing();
    CountRow[] rows = new CountRow[SpamLimits.BUCKETS];
    Arrays.fill(rows, CountRow.EMPTY);
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = store.range(partition, COUNTS, next.get(), PAGE_ROWS);
      for (Row row : page.rows()) {
        int bucket = row.key()[0] & 0xff;
        if (bucket < rows.length) rows[bucket] = open(sealing, partition, bucket, row.value());
      }
      next = page.next();
    }
    return Optional.of(new CountModel(head, rows));
  }

  private static CountRow open(SealingKey key, PartitionId partition, int bucket, byte[] sealed) {
    return key.open(sealed, associated(partition, bucket))
        .map(CountRow::read)
        .orElseThrow(() -> new IllegalStateException(partition + ": a row does not open"));
  }

  private static byte[] associated(PartitionId partition, int bucket) {
    return (partition.value() + "/" + bucket).getBytes(StandardCharsets.UTF_8);
  }

  int spamOf(long hash) {
    return rows[CountRow.bucket(hash)].spamOf(hash);
  }

  int hamOf(long hash) {
    return rows[CountRow.bucket(hash)].hamOf(hash);
  }

  /// Octets of heap, about.
  int weight() {
    int weight = 1_000;
    for (CountRow row : rows) weight += 80 + row.count() * 20;
    return weight;
  }

  /// Writes changes of counts into a commit: only the rows that they fall into.
  ///
  /// @param change gets the row of a number, and gives the one to be written
  static void write(
      PartitionChange commit, SealingKey key, int bucket, Function<CountRow, CountRow> change) {
    byte[] rowKey = {(byte) bucket};
    CountRow before =
        commit
            .get(COUNTS, rowKey)
            .map(sealed -> open(key, commit.partition(), bucket, sealed))
            .orElse(CountRow.EMPTY);
    CountRow after = change.apply(before);
    if (after.count() == 0) {
      if (before.count() > 0) commit.delete(COUNTS, rowKey);
      return;
    }
    commit.put(COUNTS, rowKey, key.seal(after.value(), associated(commit.partition(), bucket)));
  }

  /// Changes by the row that they fall into.
  static Map<Integer, List<CountRow.Change>> byRow(List<CountRow.Change> changes) {
    Map<Integer, List<CountRow.Change>> all = new HashMap<>();
    for (CountRow.Change each : changes) {
      all.computeIfAbsent(CountRow.bucket(each.hash()), _ -> new ArrayList<>()).add(each);
    }
    return all;
  }
}
