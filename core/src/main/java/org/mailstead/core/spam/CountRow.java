package org.mailstead.core.spam;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// A row of a table of counts, immutable: for hashes that fall into it, in how many spam and other
/// messages they were seen, and when last. Bounded: what was seen once, longest ago, goes first.
///
/// @param keys the lower 40 bits of hashes, ascending
/// @param days since 1970, of the last change
record CountRow(long[] keys, int[] spam, int[] ham, int[] days) {
  static final CountRow EMPTY = new CountRow(new long[0], new int[0], new int[0], new int[0]);

  private static final int FORMAT = 1;
  private static final long KEY_MASK = (1L << 40) - 1;

  /// How much a row is emptied when it is full: so that it is not full again at once.
  private static final double KEPT = 0.85;

  /// Which row a hash falls into.
  static int bucket(long hash) {
    return (int) (((hash >>> 48) * SpamLimits.BUCKETS) >>> 16);
  }

  private static long key(long hash) {
    return hash & KEY_MASK;
  }

  int spamOf(long hash) {
    int at = Arrays.binarySearch(keys, key(hash));
    return at < 0 ? 0 : spam[at];
  }

  int hamOf(long hash) {
    int at = Arrays.binarySearch(keys, key(hash));
    return at < 0 ? 0 : ham[at];
  }

  int count() {
    return keys.length;
  }

  /// One hash's counts are to be raised or lowered by so much.
  record Change(long hash, int spam, int ham) {}

  /// With changes, at most [SpamLimits#BUCKET_BYTES_MAX] octets when written.
  CountRow with(List<Change> changes, int day) {
    var entries = new java.util.TreeMap<Long, int[]>();
    for (int i = 0; i < keys.length; i++) {
      entries.put(keys[i], new int[] {spam[i], ham[i], days[i]});
    }
    for (Change change : changes) {
      int[] entry = entries.computeIfAbsent(key(change.hash), _ -> new int[3]);
      entry[0] = Math.max(0, entry[0] + change.spam);
      entry[1] = Math.max(0, entry[1] + change.ham);
      entry[2] = day;
      if (entry[0] == 0 && entry[1] == 0) entries.remove(key(change.hash));
    }
    return pruned(entries);
  }

  CountRow halved() {
    var entries = new java.util.TreeMap<Long, int[]>();
    for (int i = 0; i < keys.length; i++) {
      int[] half = {spam[i] / 2, ham[i] / 2, days[i]};
      if (half[0] + half[1] > 0) entries.put(keys[i], half);
    }
    return pruned(entries);
  }

  private static CountRow pruned(java.util.TreeMap<Long, int[]> entries) {
    CountRow table = of(entries);
    if (table.value().length <= SpamLimits.BUCKET_BYTES_MAX) return table;
    List<Long> worst =
        entries.entrySet().stream()
            .sorted(
                Comparator.comparingInt((java.util.Map.Entry<Long, int[]> each) ->
                        Math.min(each.getValue()[0] + each.getValue()[1], 3))
                    .thenComparingInt(each -> each.getValue()[2]))
            .map(java.util.Map.Entry::getKey)
            .toList();
    int dropped = 0;
    while (table.value().length > SpamLimits.BUCKET_BYTES_MAX * KEPT && dropped < worst.size()) {
      int step = Math.max(1, worst.size() / 20);
      for (int i = 0; i < step && dropped < worst.size(); i++) entries.remove(worst.get(dropped++));
      table = of(entries);
    }
    return table;
  }

  private static CountRow of(java.util.TreeMap<Long, int[]> entries) {
    int count = entries.size();
    var table = new CountRow(new long[count], new int[count], new int[count], new int[count]);
    int at = 0;
    for (var each : entries.entrySet()) {
      table.keys[at] = each.getKey();
      table.spam[at] = each.getValue()[0];
      table.ham[at] = each.getValue()[1];
      table.days[at++] = each.getValue()[2];
    }
    return table;
  }

  byte[] value() {
    var out = new ByteArrayOutputStream(keys.length * 10 + 1);
    out.write(FORMAT);
    for (int i = 0; i < keys.length; i++) {
      for (int shift = 32; shift >= 0; shift -= 8) out.write((int) (keys[i] >>> shift));
      number(out, spam[i]);
      number(out, ham[i]);
      number(out, days[i]);
    }
    return out.toByteArray();
  }

  private static void number(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /// @throws IllegalStateException not one of ours
  static CountRow read(byte[] value) {
    if (value.length == 0 || value[0] != FORMAT) throw new IllegalStateException("not counts");
    var entries = new java.util.TreeMap<Long, int[]>();
    int[] at = {1};
    while (at[0] < value.length) {
      long key = 0;
      for (int i = 0; i < 5; i++) key = key << 8 | octet(value, at);
      entries.put(key, new int[] {number(value, at), number(value, at), number(value, at)});
    }
    return of(entries);
  }

  private static int number(byte[] value, int[] at) {
    int number = 0;
    for (int shift = 0; shift < 32; shift += 7) {
      int octet = octet(value, at);
      number |= (octet & 0x7f) << shift;
      if (octet < 0x80) return number;
    }
    throw new IllegalStateException("not counts");
  }

  private static int octet(byte[] value, int[] at) {
    if (at[0] >= value.length) throw new IllegalStateException("counts are cut off");
    return value[at[0]++] & 0xff;
  }
}
