package org.mailstead.core.reports;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// MTA-STS policies of other domains as they were fetched, so that a restart does not make mail
/// trust the DNS again (RFC 8461 §5.1). Bounded: when it is full, one that is over or the first one
/// found goes.
public final class RememberedPolicies {
  private static final PartitionId PARTITION = new PartitionId("counts/sts-policies");
  private static final Collection POLICIES = new Collection(1, "policies");
  private static final Collection HEAD = new Collection(2, "head");
  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
  private static final int KEY_BYTES = 16;
  private static final int SWEPT_AT_ONCE = 500;

  /// A longer one is not remembered: rows are small.
  private static final int TEXT_BYTES_MAX = 3_000;

  private final Commits commits;
  private final int countMax;

  public RememberedPolicies(Directory directory, int countMax) {
    this.commits = directory.outbox().commits();
    this.countMax = countMax;
  }

  /// @param id as the DNS named it
  /// @param text the policy file
  public record Remembered(String domain, String id, String text, Instant until) {}

  public Optional<Remembered> find(String domain) {
    return commits
        .store()
        .get(PARTITION, POLICIES, key(domain))
        .map(RememberedPolicies::read)
        .filter(found -> found.domain().equals(domain));
  }

  /// @param now policies whose time is over at it go first when there is no room
  public void put(Remembered policy, Instant now) {
    if (policy.text().getBytes(StandardCharsets.UTF_8).length > TEXT_BYTES_MAX) return;
    byte[] value =
        new ValueWriter(FORMAT)
            .text(policy.domain())
            .text(policy.id())
            .text(policy.text())
            .time(policy.until())
            .value();
    commits.change(
        PARTITION,
        change -> {
          byte[] key = key(policy.domain());
          if (change.get(POLICIES, key).isEmpty()) {
            long count =
                change
                    .get(HEAD, ONLY)
                    .map(head -> new ValueReader(head, FORMAT).number())
                    .orElse(0L);
            if (count >= countMax) {
              var rows = change.range(POLICIES, Range.all(), SWEPT_AT_ONCE).rows();
              long gone = 0;
              for (Row row : rows) {
                if (read(row.value()).until().isAfter(now)) continue;
                change.delete(POLICIES, row.key());
                gone++;
              }
              if (gone == 0 && !rows.isEmpty()) {
                change.delete(POLICIES, rows.getFirst().key());
                gone = 1;
              }
              count -= gone;
            }
            change.put(HEAD, ONLY, new ValueWriter(FORMAT).number(count + 1).value());
          }
          change.put(POLICIES, key, value);
          return true;
        });
  }

  private static Remembered read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    return new Remembered(in.text(), in.text(), in.text(), in.time());
  }

  private static byte[] key(String domain) {
    return Arrays.copyOf(DailyCounts.sha256(domain.getBytes(StandardCharsets.UTF_8)), KEY_BYTES);
  }
}
