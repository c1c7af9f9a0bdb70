package org.mailstead.imap.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;

/// Up to which UID the messages of a folder have been told to some session as recent, for all
/// sessions of the server. In memory only: after a start, what was there before is not recent. So
/// little is asked of \Recent that it is not worth a write; IMAP4rev2 has dropped it.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3501 RFC 3501 §2.3.2
final class RecentMarks {
  // Deviates: RFC 3501 §2.3.2 — deviations.md#recent
  /// Folders remembered. One that was forgotten begins as after a start of the server.
  private static final int FOLDER_COUNT_MAX = 200_000;

  private record Key(MailboxId mailbox, FolderId folder) {}

  private final Cache<Key, Long> marks =
      Caffeine.newBuilder().maximumSize(FOLDER_COUNT_MAX).build();
  private final long startSeconds;

  /// @param startSeconds since 1970: what was saved before is not recent
  RecentMarks(long startSeconds) {
    this.startSeconds = startSeconds;
  }

  /// The view's messages above the answer are recent for the caller, and for nobody after it.
  long take(MailboxId mailbox, FolderView view) {
    Key key = new Key(mailbox, view.folder().id());
    long upTo = view.folder().uidNext() - 1;
    long[] before = new long[1];
    marks
        .asMap()
        .compute(
            key,
            (_, known) -> {
              before[0] = known == null ? atStart(view) : known;
              return Math.max(before[0], upTo);
            });
    return before[0];
  }

  /// The view's messages above the answer would be recent for who takes them now.
  long look(MailboxId mailbox, FolderView view) {
    return marks.get(new Key(mailbox, view.folder().id()), _ -> atStart(view));
  }

  /// For STATUS: the folder's contents are only looked at where something may be recent.
  int count(Mailbox mailbox, Folder folder) {
    if (folder.messageCount() == 0) return 0;
    Long known = marks.getIfPresent(new Key(mailbox.id(), folder.id()));
    if (known != null && known >= folder.uidNext() - 1) return 0;
    FolderView view = mailbox.view(folder.id());
    return view.count() - view.sequenceAtLeast(look(mailbox.id(), view) + 1) + 1;
  }

  private long atStart(FolderView view) {
    int sequence = view.count();
    while (sequence > 0 && view.savedSeconds(sequence) >= startSeconds) sequence--;
    return sequence == 0 ? 0 : view.uid(sequence);
  }
}
