package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;

/// What a move says about messages. Into the junk folder: spam. Out of it, but not into the trash:
/// not spam. From INBOX to a folder of the user's own or the archive: somebody keeps it, so it is
/// not spam either; without this nobody would ever teach what good mail looks like.
enum Sorting {
  SPAM,
  GOOD;

  /// More of one move say nothing: somebody empties a folder, or a program tidies up.
  private static final int EMAILS_MAX = 500;

  static Optional<Sorting> of(MailboxState state, FolderId source, FolderId target) {
    Optional<SpecialUse> from = use(state, source);
    Optional<SpecialUse> to = use(state, target);
    boolean fromJunk = from.equals(Optional.of(SpecialUse.JUNK));
    boolean toJunk = to.equals(Optional.of(SpecialUse.JUNK));
    if (fromJunk == toJunk) {
      boolean filed =
          !fromJunk
              && source.value() == Mailbox.INBOX
              && target.value() != Mailbox.INBOX
              && (to.isEmpty() || to.equals(Optional.of(SpecialUse.ARCHIVE)));
      return filed ? Optional.of(GOOD) : Optional.empty();
    }
    if (toJunk) return Optional.of(SPAM);
    return to.equals(Optional.of(SpecialUse.TRASH)) ? Optional.empty() : Optional.of(GOOD);
  }

  private static Optional<SpecialUse> use(MailboxState state, FolderId folder) {
    return state
        .find(folder.value())
        .filter(FolderState::isVisible)
        .flatMap(found -> found.toFolder().specialUse());
  }

  /// Those that are still there, unless there are too many.
  List<EmailId> emails(FolderView target, long[] uids) {
    List<EmailId> emails = new ArrayList<>();
    if (uids.length > EMAILS_MAX) return emails;
    for (long uid : uids) {
      int sequence = target.sequenceOf(uid);
      if (sequence > 0) emails.add(target.email(sequence));
    }
    return emails;
  }
}
