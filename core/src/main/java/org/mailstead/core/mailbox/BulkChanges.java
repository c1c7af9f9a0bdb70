package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// Changes of any size. Each is tried as one commit; what does not fit (1 MiB of versioned rows,
/// some 20,000 messages) goes one of two ways:
///
/// - APPEND and COPY are all or nothing (RFC 3502 §6.3.11, RFC 9051 §6.4.7): their messages are
///   collected in a hidden staging folder by several commits, then one small commit attaches its
///   segments to the target as they are ([FolderState.Extent]). A crash leaves a staging folder,
///   which the purge drops.
/// - STORE, EXPUNGE and MOVE are made in several commits: RFC 9051 lets STORE and EXPUNGE take
///   effect in part, and RFC 6851 §3.3 wants each message of a MOVE to be either moved or
///   unaffected, not all of them at once.
final class BulkChanges {
  // Deviates: RFC 9051 §6.4.6 — deviations.md#store-in-parts
  /// More than these are not even tried as one commit.
  private static final int APPENDED_AT_ONCE = 2_000;

  private static final int CHANGED_AT_ONCE = 30_000;

  private static final int APPENDED_PER_PART = 500;
  private static final int COPIED_PER_PART = 8_000;

  /// A folder's row must stay small: more attached extents than this are absorbed first.
  private static final int EXTENTS_MAX = 64;

  private static final int ABSORBED_PER_COMMIT = 250;

  private final Committer committer;
  private final MessageChanges messages;
  private final FolderChanges folders;

  BulkChanges(Committer committer, MessageChanges messages, FolderChanges folders) {
    this.committer = committer;
    this.messages = messages;
    this.folders = folders;
  }

  /// @param unused runs when the messages are refused and no row refers to their blobs; those of a
  ///   large APPEND that is refused at its end go with its staging folder
  Mailbox.Placed append(FolderId target, List<MessageChanges.Prepared> added, Runnable unused) {
    if (added.size() <= APPENDED_AT_ONCE) {
      try {
        return committer.change(draft -> messages.append(draft, target, added));
      } catch (RefusedException e) {
        unused.run();
        throw e;
      } catch (CommitTooLargeException e) {
        return appendStaged(target, added);
      }
    }
    return appendStaged(target, added);
  }

  private Mailbox.Placed appendStaged(FolderId target, List<MessageChanges.Prepared> added) {
    if (added.stream().anyMatch(message -> message.kept().isPresent())) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED, "too many messages that keep their numbers at once");
    }
    Set<String> keywords = new HashSet<>();
    added.forEach(message -> keywords.addAll(message.keywords()));
    FolderId staging = begin(target, keywords);
    for (int from = 0; from < added.size(); from += APPENDED_PER_PART) {
      stage(staging, target, added.subList(from, Math.min(added.size(), from + APPENDED_PER_PART)));
    }
    return committer.change(draft -> messages.attach(draft, staging, target, new long[0]));
  }

  private void stage(FolderId staging, FolderId target, List<MessageChanges.Prepared> part) {
    try {
      committer.change(draft -> {
        messages.stage(draft, staging, target, part);
        return true;
      });
    } catch (CommitTooLargeException e) {
      stage(staging, target, part.subList(0, part.size() / 2));
      stage(staging, target, part.subList(part.size() / 2, part.size()));
    }
  }

  Mailbox.Placed copy(FolderId source, long[] uids, FolderId target) {
    if (uids.length <= CHANGED_AT_ONCE) {
      try {
        return committer.change(draft -> messages.copy(draft, source, uids, target));
      } catch (CommitTooLargeException e) {
        return copyStaged(source, uids, target);
      }
    }
    return copyStaged(source, uids, target);
  }

  private Mailbox.Placed copyStaged(FolderId source, long[] uids, FolderId target) {
    FolderId staging = begin(target, new HashSet<>(committer.state().folder(source).keywords()));
    FolderContents.UidList copied = new FolderContents.UidList();
    for (int from = 0; from < uids.length; from += COPIED_PER_PART) {
      long[] part = Arrays.copyOfRange(uids, from, Math.min(uids.length, from + COPIED_PER_PART));
      long[] found = stage(staging, target, source, part);
      for (long uid : found) copied.add(uid);
    }
    return committer.change(draft -> messages.attach(draft, staging, target, copied.toArray()));
  }

  private long[] stage(FolderId staging, FolderId target, FolderId source, long[] uids) {
    return inParts(
        uids,
        part -> committer.change(draft -> messages.stage(draft, staging, target, source, part)));
  }

  /// Makes the staging folder, named after its hour of birth.
  private FolderId begin(FolderId target, Set<String> keywords) {
    while (committer.state().folder(target).counters().extents().size() >= EXTENTS_MAX) {
      while (committer.change(draft -> messages.absorb(draft, target, ABSORBED_PER_COMMIT))) {
        continue;
      }
    }
    return committer.change(draft -> {
      messages.reserveKeywords(draft, target, keywords);
      return folders.makeHidden(draft, Long.toString(draft.nowSeconds()), FolderState.Kind.STAGING);
    });
  }

  /// In parts each as a whole.
  Mailbox.Placed move(FolderId source, long[] uids, FolderId target) {
    // Deviates: RFC 6851 §3.3 — deviations.md#move-in-parts
    if (uids.length <= CHANGED_AT_ONCE) {
      try {
        return committer.change(draft -> messages.move(draft, source, uids, target));
      } catch (CommitTooLargeException e) {
        return moveInParts(source, uids, target);
      }
    }
    return moveInParts(source, uids, target);
  }

  private Mailbox.Placed moveInParts(FolderId source, long[] uids, FolderId target) {
    int half = uids.length / 2;
    Mailbox.Placed first = move(source, Arrays.copyOf(uids, half), target);
    Mailbox.Placed second = move(source, Arrays.copyOfRange(uids, half, uids.length), target);
    return new Mailbox.Placed(
        second.version(),
        second.uidValidity(),
        join(first.sourceUids(), second.sourceUids()),
        join(first.targetUids(), second.targetUids()));
  }

  Mailbox.Stored store(
      FolderId folder, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    if (uids.length <= CHANGED_AT_ONCE) {
      try {
        return committer.change(
            draft -> messages.store(draft, folder, uids, change, unchangedSince));
      } catch (CommitTooLargeException e) {
        return storeInParts(folder, uids, change, unchangedSince);
      }
    }
    return storeInParts(folder, uids, change, unchangedSince);
  }

  private Mailbox.Stored storeInParts(
      FolderId folder, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    int half = uids.length / 2;
    Mailbox.Stored first = store(folder, Arrays.copyOf(uids, half), change, unchangedSince);
    Mailbox.Stored second =
        store(folder, Arrays.copyOfRange(uids, half, uids.length), change, unchangedSince);
    return new Mailbox.Stored(
        second.version(),
        join(first.changed(), second.changed()),
        join(first.modified(), second.modified()));
  }

  long[] remove(FolderId folder, long[] uids, boolean deletedOnly) {
    return inParts(
        uids, part -> committer.change(draft -> messages.remove(draft, folder, part, deletedOnly)));
  }

  private static long[] inParts(long[] uids, Function<long[], long[]> change) {
    if (uids.length <= CHANGED_AT_ONCE) {
      try {
        return change.apply(uids);
      } catch (CommitTooLargeException e) {
        if (uids.length == 1) throw e;
      }
    }
    int half = uids.length / 2;
    long[] first = inParts(Arrays.copyOf(uids, half), change);
    return join(first, inParts(Arrays.copyOfRange(uids, half, uids.length), change));
  }

  private static long[] join(long[] first, long[] second) {
    long[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
