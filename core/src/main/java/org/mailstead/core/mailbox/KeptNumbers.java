package org.mailstead.core.mailbox;

import java.util.HashSet;
import java.util.Set;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// Which of the numbers that messages bring along they may keep, in one change.
final class KeptNumbers {
  private final Draft draft;
  private final Set<Long> emails = new HashSet<>();
  private long lastUid;

  KeptNumbers(Draft draft, SegmentTable table) {
    this.draft = draft;
    Segment last = null;
    for (int i = table.segmentCount() - 1; i >= 0 && last == null; i--) {
      if (table.segment(i).count() > 0) last = table.segment(i);
    }
    this.lastUid = last == null ? 0 : last.uid(last.count() - 1);
  }

  /// A UID must be above those that are there: clients count messages in this order.
  ///
  /// @throws RefusedException ALREADY_EXISTS
  long uid(KeptIds kept) {
    long uid = kept.uid().value();
    if (uid <= lastUid) {
      throw new RefusedException(
          Refusal.ALREADY_EXISTS, "the folder has this UID or a higher one already");
    }
    lastUid = uid;
    return uid;
  }

  /// @param next the number for whoever brings none, or one that is taken
  long email(KeptIds kept, long next) {
    long wanted = kept.email().orElse(next);
    boolean free =
        wanted >= 1
            && wanted <= KeptIds.EMAIL_MAX
            && !emails.contains(wanted)
            && draft.read(Rows.MESSAGES, Rows.message(wanted, 0)).isEmpty();
    long given = free ? wanted : next;
    emails.add(given);
    return given;
  }
}
