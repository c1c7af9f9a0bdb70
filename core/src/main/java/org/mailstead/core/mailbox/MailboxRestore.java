package org.mailstead.core.mailbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.Uid;
import org.mailstead.store.DamagedBlobException;

/// What a mailbox needs when it comes back from a backup.
public final class MailboxRestore {
  /// Numbers that may have been given out after the backup was made are skipped.
  public static final long SKIPPED = 1L << 20;

  private static final int FOLDERS_PER_COMMIT = 1_000;
  private static final int MESSAGES_PER_COMMIT = 200;
  private static final long BYTES_PER_COMMIT = 8L << 20;

  private final Mailboxes mailboxes;

  public MailboxRestore(Mailboxes mailboxes) {
    this.mailboxes = mailboxes;
  }

  /// After a partition was loaded from a backup (with a version raised by as much) and before
  /// anybody is served: raises UIDNEXTs, ids and UIDVALIDITYs by 2^20, makes every message count as
  /// changed now, and forgets what vanished, so that no client mistakes a number that is given out
  /// again for the one that it saw: whoever comes with an older mod-sequence synchronizes in full.
  /// May be repeated.
  public void afterRestore(MailboxId id) {
    Mailbox mailbox = mailboxes.open(id);
    List<FolderId> folders =
        new ArrayList<>(
            mailbox.committer().state().folders().stream().map(FolderState::id).toList());
    mailbox
        .committer()
        .change(draft -> {
          Head head = draft.head();
          draft.head(
              head.withNext(
                  head.nextEmail() + SKIPPED,
                  head.nextItem() + SKIPPED,
                  head.nextFolder() + SKIPPED,
                  head.nextUidValidity() + SKIPPED));
          return true;
        });
    for (int from = 0; from < folders.size(); from += FOLDERS_PER_COMMIT) {
      List<FolderId> part =
          folders.subList(from, Math.min(folders.size(), from + FOLDERS_PER_COMMIT));
      mailbox
          .committer()
          .change(draft -> {
            for (FolderId folder : part) skip(draft, folder);
            return true;
          });
    }
  }

  private static void skip(Draft draft, FolderId id) {
    Optional<FolderState> present = draft.state().find(id.value());
    if (present.isEmpty()) return;
    FolderState.Counters old = present.get().counters();
    long uidNext = Math.min(Uid.VALUE_MAX, old.uidNext() + SKIPPED);
    draft.folder(
        present
            .get()
            .withCounters(
                old.withFloors(
                    Math.max(old.uidNext(), uidNext),
                    draft.version(),
                    draft.version(),
                    draft.version()))
            // Its messages are read anew, under the new floor of mod-sequences.
            .withTable(Optional.empty()));
  }

  /// What was copied.
  ///
  /// @param damagedCount messages left out because their blob cannot be read back
  public record Copied(long messageCount, long damagedCount) {}

  /// Copies the messages of one folder of a mailbox (of another store, into which the backup's dump
  /// was loaded) into a folder of a mailbox in service, as new messages with their flags, keywords
  /// and times. The folder is made if it is not there.
  ///
  /// @throws org.mailstead.base.RefusedException OVER_QUOTA: what was copied before stays
  public static Copied copyFolder(
      Mailbox source, FolderId folder, Mailbox target, List<String> path) {
    FolderId to =
        target
            .findFolder(path)
            .filter(Folder::selectable)
            .orElseGet(() -> target.createFolder(path, Optional.empty()))
            .id();
    FolderView view = source.view(folder);
    List<NewMessage> batch = new ArrayList<>();
    long bytes = 0;
    long messageCount = 0;
    long damagedCount = 0;
    for (int i = 1; i <= view.count(); i++) {
      try (Content content = source.content(view.email(i))) {
        content.buffer(); // Damage shows here, not in the middle of a batch.
        batch.add(
            new NewMessage(
                Content.of(octets(content)),
                view.flags(i),
                keywords(view, i),
                Instant.ofEpochSecond(view.receivedSeconds(i))));
        bytes += content.length();
        messageCount++;
      } catch (DamagedBlobException e) {
        damagedCount++;
      }
      if (batch.size() == MESSAGES_PER_COMMIT || bytes > BYTES_PER_COMMIT) {
        target.append(to, batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!batch.isEmpty()) target.append(to, batch);
    return new Copied(messageCount, damagedCount);
  }

  /// As [#copyFolder] for every folder, under a path: an empty one restores each folder in its
  /// place.
  public static Copied copyMailbox(Mailbox source, Mailbox target, List<String> under) {
    long messageCount = 0;
    long damagedCount = 0;
    for (Folder folder : source.folders()) {
      if (!folder.selectable()) continue;
      List<String> path = new ArrayList<>(under);
      path.addAll(source.path(folder.id()));
      Copied copied = copyFolder(source, folder.id(), target, path);
      messageCount += copied.messageCount();
      damagedCount += copied.damagedCount();
    }
    return new Copied(messageCount, damagedCount);
  }

  private static byte[] octets(Content content) {
    byte[] octets = new byte[(int) content.length()];
    content.buffer().get(octets);
    return octets;
  }

  private static Set<String> keywords(FolderView view, int sequence) {
    Set<String> names = new HashSet<>();
    for (int bit = 0; bit < view.keywordNames().size(); bit++) {
      if ((view.keywords(sequence) >>> bit & 1) != 0) names.add(view.keywordNames().get(bit));
    }
    return names;
  }
}
