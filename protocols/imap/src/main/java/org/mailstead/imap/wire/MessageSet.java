package org.mailstead.imap.wire;

import java.util.Arrays;

/// A set of message numbers (sequence numbers or UIDs) as a client wrote it, `*` still open, sorted
/// and merged; or `$`, the saved search result (RFC 5182).
public final class MessageSet {
  /// Stands for `*` until the set meets a folder; greater than every number.
  public static final long STAR = 1L << 32;

  public static final MessageSet SAVED = new MessageSet(new long[0], true);

  /// Pairs of first and last, ascending, not touching each other.
  private final long[] bounds;

  private final boolean saved;

  private MessageSet(long[] bounds, boolean saved) {
    this.bounds = bounds;
    this.saved = saved;
  }

  /// Pairs in any order, each pair too; `count` longs of the array are used.
  static MessageSet ofPairs(long[] pairs, int count) {
    boolean ordered = true;
    for (int i = 0; i < count; i += 2) {
      if (pairs[i] > pairs[i + 1]) {
        long first = pairs[i];
        pairs[i] = pairs[i + 1];
        pairs[i + 1] = first;
      }
      ordered &= i == 0 || pairs[i] > pairs[i - 1] + 1;
    }
    if (ordered) return new MessageSet(Arrays.copyOf(pairs, count), false);
    Integer[] order = new Integer[count / 2];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(pairs[2 * a], pairs[2 * b]));
    long[] merged = new long[count];
    int used = 0;
    for (int index : order) {
      long first = pairs[2 * index];
      long last = pairs[2 * index + 1];
      if (used > 0
          && first <= merged[used - 1] + 1
          && (first != STAR || merged[used - 1] == STAR)) {
        merged[used - 1] = Math.max(merged[used - 1], last);
      } else {
        merged[used++] = first;
        merged[used++] = last;
      }
    }
    return new MessageSet(Arrays.copyOf(merged, used), false);
  }

  /// Exactly these numbers, ascending.
  public static MessageSet of(long... numbers) {
    long[] pairs = new long[numbers.length * 2];
    for (int i = 0; i < numbers.length; i++) {
      pairs[2 * i] = numbers[i];
      pairs[2 * i + 1] = numbers[i];
    }
    return ofPairs(pairs, pairs.length);
  }

  public static MessageSet range(long first, long last) {
    return ofPairs(new long[] {first, last}, 2);
  }

  public boolean isSaved() {
    return saved;
  }

  public int rangeCount() {
    return bounds.length / 2;
  }

  public long first(int range) {
    return bounds[2 * range];
  }

  public long last(int range) {
    return bounds[2 * range + 1];
  }

  /// Whether the set has a number written out that is greater than this one.
  public boolean exceeds(long max) {
    for (int i = bounds.length - 1; i >= 0; i--) if (bounds[i] != STAR) return bounds[i] > max;
    return false;
  }

  public boolean hasStar() {
    return bounds.length > 0 && bounds[bounds.length - 1] == STAR;
  }

  /// Whether the number is in the set when `*` is `star`.
  public boolean contains(long number, long star) {
    for (int i = 0; i < bounds.length; i += 2) {
      long a = bounds[i] == STAR ? star : bounds[i];
      long b = bounds[i + 1] == STAR ? star : bounds[i + 1];
      if (number >= Math.min(a, b) && number <= Math.max(a, b)) return true;
    }
    return false;
  }

  /// How many numbers the set has, `*` being `star`; ranges do not overlap unless through `*`.
  public long size(long star) {
    long size = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      long a = bounds[i] == STAR ? star : bounds[i];
      long b = bounds[i + 1] == STAR ? star : bounds[i + 1];
      size += Math.abs(b - a) + 1;
    }
    return size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageSet that
        && saved == that.saved
        && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    if (saved) return "$";
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < bounds.length; i += 2) {
      if (i > 0) out.append(',');
      out.append(name(bounds[i]));
      if (bounds[i + 1] != bounds[i]) out.append(':').append(name(bounds[i + 1]));
    }
    return out.toString();
  }

  private static String name(long number) {
    return number == STAR ? "*" : Long.toString(number);
  }
}
