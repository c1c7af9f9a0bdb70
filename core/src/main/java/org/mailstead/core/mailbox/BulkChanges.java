package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// Changes of any size. Each is tried as one commit. What does not fit is made in parts: STORE and
/// EXPUNGE by several commits (RFC 9051 allows that some messages change and others do not).
final class BulkChanges {
  private final Committer committer;
  private final MessageChanges messages;
  private final FolderChanges folders;

  BulkChanges(Committer committer, MessageChanges messages, FolderChanges folders) {
    this.committer = committer;
    this.messages = messages;
    this.folders = folders;
  }

  Mailbox.Placed append(FolderId target, List<MessageChanges.Prepared> added) {
    try {
      return committer.change(draft -> messages.append(draft, target, added));
    } catch (CommitTooLargeException e) {
      throw new RefusedException(Refusal.LIMIT_REACHED, "too many messages at once");
    }
  }

  Mailbox.Placed copy(FolderId source, long[] uids, FolderId target) {
    try {
      return committer.change(draft -> messages.copy(draft, source, uids, target));
    } catch (CommitTooLargeException e) {
      throw new RefusedException(Refusal.LIMIT_REACHED, "too many messages at once");
    }
  }

  Mailbox.Placed move(FolderId source, long[] uids, FolderId target) {
    try {
      return committer.change(draft -> messages.move(draft, source, uids, target));
    } catch (CommitTooLargeException e) {
      throw new RefusedException(Refusal.LIMIT_REACHED, "too many messages at once");
    }
  }

  Mailbox.Stored store(
      FolderId folder, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    try {
      return committer.change(draft -> messages.store(draft, folder, uids, change, unchangedSince));
    } catch (CommitTooLargeException e) {
      int half = uids.length / 2;
      Mailbox.Stored first = store(folder, Arrays.copyOf(uids, half), change, unchangedSince);
      Mailbox.Stored second =
          store(folder, Arrays.copyOfRange(uids, half, uids.length), change, unchangedSince);
      return new Mailbox.Stored(
          second.version(),
          join(first.changed(), second.changed()),
          join(first.modified(), second.modified()));
    }
  }

  long[] remove(FolderId folder, long[] uids, boolean deletedOnly) {
    try {
      return committer.change(draft -> messages.remove(draft, folder, uids, deletedOnly));
    } catch (CommitTooLargeException e) {
      int half = uids.length / 2;
      long[] first = remove(folder, Arrays.copyOf(uids, half), deletedOnly);
      return join(first, remove(folder, Arrays.copyOfRange(uids, half, uids.length), deletedOnly));
    }
  }

  private static long[] join(long[] first, long[] second) {
    long[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
