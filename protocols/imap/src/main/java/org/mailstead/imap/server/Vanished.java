package org.mailstead.imap.server;

import java.io.IOException;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.wire.MessageSet;
import org.mailstead.imap.wire.ResponseWriter;

/// `* VANISHED (EARLIER) …` (RFC 7162 §3.2.10).
final class Vanished {
  private static final String EARLIER = "* VANISHED (EARLIER) ";

  private Vanished() {}

  /// Those of the UIDs that the set names.
  static void write(ResponseWriter writer, long[] uids, MessageSet of) throws IOException {
    long[] wanted = new long[uids.length];
    int count = 0;
    int range = 0;
    for (long uid : uids) {
      while (range < of.rangeCount() && last(of, range) < uid) range++;
      if (range == of.rangeCount()) break;
      if (of.first(range) <= uid) wanted[count++] = uid;
    }
    if (count > 0) writer.text(EARLIER).set(wanted, count).crlf();
  }

  /// Those UIDs of the set that the folder does not hold, above one that is known to be all right.
  /// For changes older than the change log: more than vanished since, never less.
  static void writeMissing(ResponseWriter writer, FolderView view, MessageSet of, long above)
      throws IOException {
    boolean begun = false;
    long uidMax = view.folder().uidNext() - 1;
    for (int range = 0; range < of.rangeCount(); range++) {
      long next = Math.max(of.first(range), above + 1);
      long last = Math.min(last(of, range), uidMax);
      int sequence = view.sequenceAtLeast(next);
      while (next <= last) {
        long present = sequence <= view.count() ? view.uid(sequence) : Long.MAX_VALUE;
        if (present == next) {
          next++;
          sequence++;
          continue;
        }
        long gapEnd = Math.min(last, present - 1);
        if (begun) writer.octet(',');
        else writer.text(EARLIER);
        begun = true;
        writer.number(next);
        if (gapEnd > next) writer.octet(':').number(gapEnd);
        next = gapEnd + 1;
      }
    }
    if (begun) writer.crlf();
  }

  private static long last(MessageSet set, int range) {
    return set.last(range) == MessageSet.STAR ? Long.MAX_VALUE : set.last(range);
  }
}
