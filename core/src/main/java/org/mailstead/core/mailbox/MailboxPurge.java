package org.mailstead.core.mailbox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;
import org.mailstead.core.content.StagedContent;
import org.mailstead.store.BlobId;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Removes from one mailbox what has outlived its time: recoverable messages, the log of vanished
/// UIDs, delivery ids; releases the blobs that lost their last email; sweeps what a crash left.
/// Each step is one commit and can be repeated.
final class MailboxPurge {
  private static final int STEP = 500;

  /// Segments of one commit; each is under 3,300 octets.
  private static final int ABSORBED = 250;

  private static final Duration STAGING_KEPT = Duration.ofDays(1);

  private static final CommitId NO_COMMIT = new CommitId(0, 0);

  private final Store store;
  private final Mailbox mailbox;
  private final PartitionId partition;
  private final Instant now;

  MailboxPurge(Store store, Mailbox mailbox, Instant now) {
    this.store = store;
    this.mailbox = mailbox;
    this.partition = mailbox.partition();
    this.now = now;
  }

  void run() {
    while (purgeRecoverable()) continue;
    dropStaging();
    absorbExtents();
    sweepSegments();
    expireVanished();
    expireDeliveries();
    expireRemembered();
    releaseBlobs();
  }

  /// @return whether there may be more
  private boolean purgeRecoverable() {
    long cutoff = now.minus(MailboxLimits.RECOVERABLE_KEPT).getEpochSecond();
    FolderView view = mailbox.recoverableView();
    FolderContents.UidList expired = new FolderContents.UidList();
    for (int i = 1; i <= view.count() && expired.count() < STEP; i++) {
      if (view.savedSeconds(i) < cutoff) expired.add(view.uid(i));
    }
    if (expired.count() == 0) return false;
    long[] uids = expired.toArray();
    mailbox
        .committer()
        .change(draft -> {
          FolderState hidden = draft.load(draft.state().recoverable());
          MessageChanges.Picked picked = MessageChanges.pick(hidden, uids);
          if (picked.count() == 0) return true;
          mailbox.messageChanges().takeOut(draft, hidden, picked.uids());
          Head head = draft.head();
          draft.head(head.withUsage(head.usedBytes(), head.recoverableBytes() - picked.bytes()));
          forget(draft, References.remove(draft, picked.columns().emails));
          return true;
        });
    return expired.count() == STEP;
  }

  /// Removes messages of a folder that came in, and were put there, before an instant; at most so
  /// many as one commit takes easily.
  ///
  /// A message was not put there before one with a lower UID: where the clock was set back in
  /// between, the later date of the two counts, so that nothing goes too soon.
  ///
  /// @param permanently not even recoverable
  /// @return how many; fewer than [#STEP] at the end
  int expire(FolderId folder, Instant before, boolean permanently) {
    long cutoff = before.getEpochSecond();
    FolderView view = mailbox.view(folder);
    FolderContents.UidList expired = new FolderContents.UidList();
    long saved = Long.MIN_VALUE;
    for (int i = 1; i <= view.count() && expired.count() < STEP; i++) {
      saved = Math.max(saved, view.savedSeconds(i));
      if (saved >= cutoff) break;
      if (view.receivedSeconds(i) < cutoff) expired.add(view.uid(i));
    }
    if (expired.count() == 0) return 0;
    long[] uids = expired.toArray();
    mailbox
        .committer()
        .change(draft -> {
          if (!permanently) {
            var _ = mailbox.messageChanges().remove(draft, folder, uids, false);
            return true;
          }
          FolderState from = draft.loadedFolder(folder);
          MessageChanges.Picked picked = MessageChanges.pick(from, uids);
          if (picked.count() == 0) return true;
          mailbox.messageChanges().takeOut(draft, from, picked.uids());
          Head head = draft.head();
          draft.head(head.withUsage(head.usedBytes() - picked.bytes(), head.recoverableBytes()));
          forget(draft, References.remove(draft, picked.columns().emails));
          return true;
        });
    return uids.length;
  }

  /// Removes the rows of emails without placements.
  private void forget(Draft draft, List<Long> emails) {
    for (long email : emails) {
      Optional<byte[]> first = store.get(partition, Rows.MESSAGES, Rows.message(email, 0));
      if (first.isEmpty()) continue;
      for (int part = 0; part < StoredMessage.partCount(first.get()); part++) {
        draft.delete(Rows.MESSAGES, Rows.message(email, part));
      }
      StoredMessage message = mailbox.messages().load(new EmailId(email));
      mailbox.messages().forget(email);
      if (message.isInline()) {
        draft.delete(Rows.INLINE, Rows.key(email));
        continue;
      }
      StagedContent content = message.content(draft.head().organization(), Optional.empty());
      byte[] blob = MessageChanges.blobKey(content.id());
      long count = draft.read(Rows.BLOBS, blob).map(MessageChanges::count).orElse(1L);
      // A row of 0 is the outbox: the blob is released after this commit.
      draft.put(Rows.BLOBS, blob, MessageChanges.countRow(count - 1));
    }
  }

  /// Emails of a large APPEND or COPY that a crash left incomplete go. One that is under way is
  /// younger than a day.
  private void dropStaging() {
    for (FolderState folder : List.copyOf(mailbox.committer().state().folders())) {
      if (folder.shape().kind() == FolderState.Kind.STAGING) {
        long begun = Long.parseLong(folder.shape().name());
        if (begun < now.minus(STAGING_KEPT).getEpochSecond()) {
          while (dropStaged(folder.id())) continue;
        }
      }
    }
  }

  /// @return whether there is more
  private boolean dropStaged(FolderId id) {
    return mailbox
        .committer()
        .change(draft -> {
          Optional<FolderState> present = draft.state().find(id.value());
          if (present.isEmpty()) return false;
          FolderState staged = draft.load(present.get());
          SegmentTable table = staged.loaded();
          if (table.count() == 0) {
            draft.state(draft.state().withoutFolder(id));
            return false;
          }
          FolderContents.UidList some = new FolderContents.UidList();
          for (int i = 0; i < table.segmentCount() && some.count() < STEP; i++) {
            Segment segment = table.segment(i);
            for (int index = 0; index < segment.count(); index++) some.add(segment.uid(index));
          }
          MessageChanges.Picked picked = MessageChanges.pick(staged, some.toArray());
          mailbox.messageChanges().takeOut(draft, staged, picked.uids());
          forget(draft, References.remove(draft, picked.columns().emails));
          return true;
        });
  }

  private void absorbExtents() {
    for (FolderState folder : List.copyOf(mailbox.committer().state().folders())) {
      if (!folder.isVisible() || folder.counters().extents().isEmpty()) continue;
      while (mailbox
          .committer()
          .change(draft ->
              draft.state().find(folder.id().value()).isPresent()
                  && mailbox.messageChanges().absorb(draft, folder.id(), ABSORBED))) {
        continue;
      }
    }
  }

  /// Segment rows that no folder has any more: of attached segments whose folder was removed.
  private void sweepSegments() {
    Set<Long> known = new HashSet<>();
    for (FolderState folder : mailbox.committer().state().folders()) {
      known.add(folder.id().value());
      folder.counters().extents().forEach(extent -> known.add(extent.owner()));
    }
    for (List<Row> page : pages(Rows.SEGMENTS)) {
      List<byte[]> gone =
          page.stream().map(Row::key).filter(key -> !known.contains(Rows.id(key))).toList();
      // Ids are never reused: who is not there now will not come back.
      deleteIfGone(Rows.SEGMENTS, gone);
    }
  }

  private void deleteIfGone(Collection collection, List<byte[]> keys) {
    if (keys.isEmpty()) return;
    mailbox
        .committer()
        .change(draft -> {
          Set<Long> known = new HashSet<>();
          for (FolderState folder : draft.state().folders()) {
            known.add(folder.id().value());
            folder.counters().extents().forEach(extent -> known.add(extent.owner()));
          }
          for (byte[] key : keys) {
            if (!known.contains(Rows.id(key))) draft.delete(collection, key);
          }
          return true;
        });
  }

  private void expireVanished() {
    long cutoff = now.minus(MailboxLimits.VANISHED_KEPT).getEpochSecond();
    for (List<Row> page : pages(Rows.VANISHED)) {
      List<Row> expired =
          page.stream()
              .filter(row ->
                  VanishedLog.seconds(row.value()) < cutoff
                      || mailbox.committer().state().find(Rows.id(row.key())).isEmpty())
              .toList();
      if (expired.isEmpty()) continue;
      mailbox
          .committer()
          .change(draft -> {
            for (Row row : expired) {
              draft.delete(Rows.VANISHED, row.key());
              raiseFloor(draft, Rows.id(row.key()), Rows.vanishedVersion(row.key()));
            }
            return true;
          });
    }
  }

  private static void raiseFloor(Draft draft, long id, long version) {
    Optional<FolderState> present = draft.state().find(id);
    if (present.isEmpty()) return;
    FolderState.Counters old = present.get().counters();
    if (old.vanishedFloor() >= version) return;
    draft.folder(
        present
            .get()
            .withCounters(
                old.withFloors(old.uidNext(), old.highestModSeq(), version, old.modSeqFloor())));
  }

  private void expireDeliveries() {
    long cutoff = now.minus(MailboxLimits.DELIVERIES_KEPT).getEpochSecond();
    for (List<Row> page : pages(Rows.DELIVERIES)) {
      List<byte[]> expired =
          page.stream()
              .filter(row -> RowReader.of(row.value(), 1, "delivery").varint() < cutoff)
              .map(Row::key)
              .toList();
      if (expired.isEmpty()) continue;
      mailbox
          .committer()
          .change(draft -> {
            expired.forEach(key -> draft.delete(Rows.DELIVERIES, key));
            return true;
          });
    }
  }

  private void expireRemembered() {
    long cutoff = now.getEpochSecond();
    for (List<Row> page : pages(Rows.REMEMBERED)) {
      List<byte[]> expired =
          page.stream().filter(row -> Memory.until(row.value()) < cutoff).map(Row::key).toList();
      if (expired.isEmpty()) continue;
      mailbox
          .committer()
          .change(draft -> {
            expired.forEach(key -> draft.delete(Rows.REMEMBERED, key));
            return true;
          });
    }
  }

  /// A blob that no email refers to is released and its row removed, both under the lock: a
  /// delivery of the same content comes before (the count is not 0) or after (it holds anew).
  private void releaseBlobs() {
    for (List<Row> page : pages(Rows.BLOBS)) {
      List<byte[]> unused =
          page.stream()
              .filter(row -> MessageChanges.count(row.value()) == 0)
              .map(Row::key)
              .toList();
      if (unused.isEmpty()) continue;
      mailbox
          .committer()
          .change(draft -> {
            for (byte[] key : unused) {
              Optional<byte[]> row = draft.read(Rows.BLOBS, key);
              if (row.isEmpty() || MessageChanges.count(row.get()) > 0) continue;
              BlobId blob = MessageChanges.blob(key);
              store.blobs().release(partition, blob);
              draft.delete(Rows.BLOBS, key);
            }
            return true;
          });
    }
  }

  /// Releases those to which no email refers, under the lock: a delivery that adds this mailbox as
  /// a holder of a content does so under it too, right before its commit.
  ///
  /// @param strays blobs that nobody in this process has staged for this mailbox and not settled
  /// @return how many were released
  long releaseStray(List<BlobId> strays) {
    return mailbox
        .committer()
        .change(draft -> {
          // Fails while the fate of an earlier commit, which may refer to one of them, is open.
          var _ = store.outcome(partition, NO_COMMIT);
          long released = 0;
          for (BlobId blob : strays) {
            if (draft.read(Rows.BLOBS, MessageChanges.blobKey(blob)).isPresent()) continue;
            store.blobs().release(partition, blob);
            released++;
          }
          return released;
        });
  }

  private Iterable<List<Row>> pages(Collection collection) {
    List<List<Row>> pages = new ArrayList<>();
    Optional<Range> rest = Optional.of(Range.all());
    while (rest.isPresent()) {
      Page page = store.range(partition, collection, rest.get(), STEP);
      pages.add(page.rows());
      rest = page.next();
    }
    return pages;
  }
}
