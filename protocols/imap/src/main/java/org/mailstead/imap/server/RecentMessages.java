package org.mailstead.imap.server;

import java.util.Arrays;
import org.mailstead.base.MailboxId;
import org.mailstead.core.mailbox.FolderView;

/// The messages of a selected folder that are recent for one session, as ranges of UIDs.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3501 RFC 3501 §2.3.2
final class RecentMessages {
  /// Sessions that share a folder take new messages in turns; the oldest ranges are forgotten.
  private static final int RANGE_COUNT_MAX = 1_000;

  private final RecentMarks marks;
  private final MailboxId mailbox;
  private final boolean takes;

  /// First and last UID of each range, ascending.
  private long[] ranges = new long[2];

  private int used;
  private long seenUpTo;

  /// @param takes whether the session, by opening read-write, makes them old for all others
  RecentMessages(RecentMarks marks, MailboxId mailbox, boolean takes) {
    this.marks = marks;
    this.mailbox = mailbox;
    this.takes = takes;
  }

  /// Takes what is new in a newer view.
  void update(FolderView view) {
    long upTo = view.folder().uidNext() - 1;
    if (upTo <= seenUpTo) return;
    long told = takes ? marks.take(mailbox, view) : marks.look(mailbox, view);
    long first = Math.max(told, seenUpTo) + 1;
    if (first <= upTo) add(first, upTo);
    seenUpTo = upTo;
  }

  private void add(long first, long last) {
    if (used > 0 && ranges[used - 1] == first - 1) {
      ranges[used - 1] = last;
      return;
    }
    if (used == 2 * RANGE_COUNT_MAX) {
      System.arraycopy(ranges, 2, ranges, 0, used - 2);
      used -= 2;
    } else if (used == ranges.length) {
      ranges = Arrays.copyOf(ranges, used * 2);
    }
    ranges[used++] = first;
    ranges[used++] = last;
  }

  boolean contains(long uid) {
    if (used == 0 || uid < ranges[0] || uid > ranges[used - 1]) return false;
    int index = Arrays.binarySearch(ranges, 0, used, uid);
    // Between the first and the last UID of a range the place to insert is odd.
    return index >= 0 || (-index - 1) % 2 == 1;
  }

  int count(FolderView view) {
    int count = 0;
    for (int i = 0; i < used; i += 2) {
      count += view.sequenceAtLeast(ranges[i + 1] + 1) - view.sequenceAtLeast(ranges[i]);
    }
    return count;
  }
}
