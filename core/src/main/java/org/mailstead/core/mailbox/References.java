package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How many placements emails have, for those that have more than one (COPY). A row counts for 64
/// neighbouring emails; who is not in it has one.
final class References {
  private static final int FORMAT = 1;
  private static final int EMAILS = 64;

  private References() {}

  /// Adds a placement to each of these emails (one may come several times).
  static void add(Draft draft, long[] emails) {
    change(draft, emails, 1);
  }

  /// Takes a placement from each of these emails.
  ///
  /// @return those that have none left
  static List<Long> remove(Draft draft, long[] emails) {
    return change(draft, emails, -1);
  }

  private static List<Long> change(Draft draft, long[] emails, int by) {
    TreeMap<Long, Map<Long, Integer>> changes = new TreeMap<>();
    for (long email : emails) {
      changes
          .computeIfAbsent(email / EMAILS, row -> new TreeMap<>())
          .merge(email, by, Integer::sum);
    }
    List<Long> none = new ArrayList<>();
    List<byte[]> keys = changes.keySet().stream().map(Rows::key).toList();
    List<Optional<byte[]>> rows = draft.readAll(Rows.REFERENCES, keys);
    int index = 0;
    for (Map<Long, Integer> change : changes.values()) {
      byte[] key = keys.get(index);
      Optional<byte[]> row = rows.get(index++);
      TreeMap<Long, Long> counts = row.map(value -> decode(key, value)).orElseGet(TreeMap::new);
      boolean had = !counts.isEmpty();
      change.forEach((email, difference) -> {
        long count = counts.getOrDefault(email, 1L) + difference;
        if (count > 1) counts.put(email, count);
        else counts.remove(email);
        if (count < 1) none.add(email);
      });
      if (!counts.isEmpty()) draft.put(Rows.REFERENCES, key, encode(counts));
      else if (had) draft.delete(Rows.REFERENCES, key);
    }
    return none;
  }

  static byte[] encode(Map<Long, Long> counts) {
    RowWriter out = new RowWriter(1 + 4 * counts.size()).u8(FORMAT);
    counts.forEach((email, count) -> out.u8((int) (email % EMAILS)).varint(count));
    return out.toBytes();
  }

  /// Email id → count.
  static TreeMap<Long, Long> decode(byte[] key, byte[] row) {
    long first = Rows.id(key) * EMAILS;
    TreeMap<Long, Long> counts = new TreeMap<>();
    RowReader in = RowReader.of(row, FORMAT, "references");
    while (!in.isAtEnd()) counts.put(first + in.u8(), in.varint());
    return counts;
  }
}
