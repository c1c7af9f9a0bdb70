package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The segments of a folder, ascending, none empty: immutable. Sequence numbers come from the sums
/// of the counts before each segment.
final class SegmentTable {
  static final SegmentTable EMPTY = new SegmentTable(new Segment[0]);

  private final Segment[] segments;

  /// How many messages stand before each segment; one more element: all of them.
  private final int[] starts;

  SegmentTable(Segment[] segments) {
    this.segments = segments;
    this.starts = new int[segments.length + 1];
    for (int i = 0; i < segments.length; i++) starts[i + 1] = starts[i] + segments[i].count();
  }

  int segmentCount() {
    return segments.length;
  }

  Segment segment(int index) {
    return segments[index];
  }

  int count() {
    return starts[segments.length];
  }

  /// How many messages stand before a segment.
  int start(int index) {
    return starts[index];
  }

  /// The index of the segment that holds the message at this 0-based position.
  int locate(int position) {
    if (position < 0 || position >= count()) {
      throw new IndexOutOfBoundsException("message " + (position + 1) + " of " + count());
    }
    int guess = Math.min(position / Segment.UIDS, segments.length - 1);
    if (starts[guess] <= position && position < starts[guess + 1]) return guess;
    int found = Arrays.binarySearch(starts, position);
    return found >= 0 ? found : -found - 2;
  }

  /// The index of the first segment whose number is at least this one.
  int indexAtLeast(long number) {
    int low = 0;
    int high = segments.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segments[middle].number() < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// Collects new versions of segments; the table itself does not change.
  final class Editor {
    private final NavigableMap<Integer, Segment> edited = new TreeMap<>();
    private int countChange;
    private long unseenChange;
    private long deletedChange;
    private long bytesChange;

    /// Replaces the segment of the same number; an empty one removes it.
    void put(Segment fresh) {
      int index = indexAtLeast(fresh.number());
      Segment before = edited.put(fresh.number(), fresh);
      if (before == null && index < segments.length && segments[index].number() == fresh.number()) {
        before = segments[index];
      }
      if (before != null) count(before, -1);
      count(fresh, 1);
    }

    private void count(Segment segment, int sign) {
      countChange += sign * segment.count();
      unseenChange += (long) sign * segment.unseenCount();
      deletedChange += (long) sign * segment.deletedCount();
      bytesChange += sign * segment.bytes();
    }

    boolean isEmpty() {
      return edited.isEmpty();
    }

    int countChange() {
      return countChange;
    }

    long unseenChange() {
      return unseenChange;
    }

    long deletedChange() {
      return deletedChange;
    }

    long bytesChange() {
      return bytesChange;
    }

    SegmentTable build() {
      Segment[] merged = new Segment[segments.length + edited.size()];
      int count = 0;
      int old = 0;
      for (Segment fresh : edited.values()) {
        while (old < segments.length && segments[old].number() < fresh.number()) {
          merged[count++] = segments[old++];
        }
        if (old < segments.length && segments[old].number() == fresh.number()) old++;
        if (fresh.present() != 0) merged[count++] = fresh;
      }
      while (old < segments.length) merged[count++] = segments[old++];
      return new SegmentTable(count == merged.length ? merged : Arrays.copyOf(merged, count));
    }
  }
}
