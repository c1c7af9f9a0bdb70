package org.mailstead.core.mailbox;

import org.jspecify.annotations.Nullable;

/// Adds messages at the end of a table, filling its last segment first.
final class SegmentAppender {
  private final SegmentTable.Editor editor;
  private long uidNext;
  private int number = -1;
  private long present;
  private Segment.Columns columns = new Segment.Columns(Segment.UIDS);
  private int count;
  private final @Nullable Segment last;

  SegmentAppender(SegmentTable table, SegmentTable.Editor editor, long uidNext) {
    this.editor = editor;
    this.uidNext = uidNext;
    int segments = table.segmentCount();
    this.last = segments == 0 ? null : table.segment(segments - 1);
  }

  /// The next message gets this UID, which is above all that are there.
  void next(long uid) {
    uidNext = uid;
  }

  /// Gives the message the next UID and returns it.
  long add(
      long item,
      long email,
      int flags,
      long keywords,
      long received,
      long saved,
      long modSeq,
      int size) {
    long uid = uidNext++;
    int target = (int) (uid / Segment.UIDS);
    if (target != number) start(target);
    present |= 1L << (uid % Segment.UIDS);
    columns.items[count] = item;
    columns.emails[count] = email;
    columns.flags[count] = (byte) flags;
    columns.keywords[count] = keywords;
    columns.received[count] = received;
    columns.saved[count] = saved;
    columns.modSeqs[count] = modSeq;
    columns.sizes[count] = size;
    count++;
    return uid;
  }

  private void start(int target) {
    finish();
    number = target;
    if (last != null && last.number() == target) {
      present = last.present();
      Segment.Columns old = last.columns();
      count = last.count();
      for (int i = 0; i < count; i++) columns.set(i, old, i);
    }
  }

  /// Writes the segment that is being filled.
  void finish() {
    if (count == 0) return;
    editor.put(new Segment(number, present, cut(columns, count)));
    columns = new Segment.Columns(Segment.UIDS);
    present = 0;
    count = 0;
  }

  long uidNext() {
    return uidNext;
  }

  private static Segment.Columns cut(Segment.Columns full, int count) {
    if (count == Segment.UIDS) return full;
    Segment.Columns cut = new Segment.Columns(count);
    System.arraycopy(full.items, 0, cut.items, 0, count);
    System.arraycopy(full.emails, 0, cut.emails, 0, count);
    System.arraycopy(full.flags, 0, cut.flags, 0, count);
    System.arraycopy(full.keywords, 0, cut.keywords, 0, count);
    System.arraycopy(full.received, 0, cut.received, 0, count);
    System.arraycopy(full.saved, 0, cut.saved, 0, count);
    System.arraycopy(full.modSeqs, 0, cut.modSeqs, 0, count);
    System.arraycopy(full.sizes, 0, cut.sizes, 0, count);
    return cut;
  }
}
