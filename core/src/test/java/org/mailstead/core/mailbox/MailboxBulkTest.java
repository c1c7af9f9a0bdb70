package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.folder;
import static org.mailstead.core.mailbox.MailboxFixture.message;
import static org.mailstead.core.mailbox.MailboxFixture.uids;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.FolderId;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

/// Changes that do not fit into one commit.
class MailboxBulkTest {
  @TempDir Path folder;

  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore(clock);
  private final FaultPlan plan = new FaultPlan();
  private MailboxFixture fixture;
  private Mailbox mailbox;
  private FolderId inbox;
  private FolderId archive;

  @BeforeEach
  void open() {
    fixture = new MailboxFixture(store, inner -> new FailingStore(inner, plan), folder, clock);
    mailbox = fixture.mailbox(ANN);
    inbox = mailbox.inbox();
    archive = folder(mailbox, "Archive");
  }

  private void reopen() {
    fixture.reopen();
    mailbox = fixture.mailbox(ANN);
  }

  private static List<NewMessage> many(int count) {
    List<NewMessage> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      messages.add(message("s" + i, "b", i % 3 == 0 ? Flags.SEEN : 0, Set.of("k" + i % 5)));
    }
    return messages;
  }

  /// 500 messages, copied onto themselves until there are so many.
  private void fill(int count) {
    mailbox.append(inbox, many(500));
    while (mailbox.view(inbox).count() < count) {
      mailbox.copy(inbox, uids(mailbox.view(inbox)), inbox);
    }
  }

  @Test
  void largeAppendIsOneVersionAtTheEndAndKeepsEverything() {
    mailbox.append(inbox, many(3));
    Mailbox.Placed placed = mailbox.append(inbox, many(2_500));
    assertThat(placed.targetUids()).hasSize(2_500);
    assertThat(placed.version()).isEqualTo(mailbox.version());
    for (int pass = 0; pass < 2; pass++) {
      FolderView view = mailbox.view(inbox);
      assertThat(view.count()).isEqualTo(2_503);
      assertThat(view.folder().unseenCount()).isEqualTo(2 + 2_500 - 834);
      for (int i : new int[] {0, 1, 63, 64, 499, 500, 2_499}) {
        int sequence = view.sequenceOf(placed.targetUids()[i]);
        assertThat(view.modSeq(sequence)).isEqualTo(placed.version());
        assertThat(view.keywordNames().get(Long.numberOfTrailingZeros(view.keywords(sequence))))
            .isEqualTo("k" + i % 5);
        assertThat(MailboxFixture.read(mailbox, view, sequence))
            .isEqualTo(MailboxFixture.bytes("s" + i, "b"));
      }
      fixture.check();
      reopen();
    }
    assertThat(mailbox.folders()).hasSize(6);
  }

  @Test
  void attachedMessagesChangeAndVanishLikeOthersAndAreAbsorbedLater() {
    mailbox.append(inbox, many(3));
    long[] added = mailbox.append(inbox, many(2_500)).targetUids();
    mailbox.store(
        inbox,
        new long[] {added[10]},
        new FlagChange(FlagChange.Mode.ADD, Flags.FLAGGED, Set.of()),
        OptionalLong.empty());
    long[] deleted = LongStream.range(added[100], added[400]).toArray();
    mailbox.store(
        inbox,
        deleted,
        new FlagChange(FlagChange.Mode.ADD, Flags.DELETED, Set.of()),
        OptionalLong.empty());
    mailbox.expunge(inbox, deleted);
    reopen();
    assertThat(mailbox.view(inbox).count()).isEqualTo(2_503 - 300);
    assertThat(mailbox.view(inbox).flags(mailbox.view(inbox).sequenceOf(added[10])))
        .isEqualTo(Flags.FLAGGED);
    fixture.check();
    long[] before = uids(mailbox.view(inbox));
    fixture.mailboxes().purge();
    assertThat(uids(mailbox.view(inbox))).isEqualTo(before);
    assertThat(fixture.check().warnings()).isEmpty();
    reopen();
    assertThat(uids(mailbox.view(inbox))).isEqualTo(before);
    assertThat(mailbox.committer().state().folder(inbox).counters().extents()).isEmpty();
  }

  @Test
  void commandsOnOneHundredThousandMessagesWork() {
    fill(100_000);
    FolderView view = mailbox.view(inbox);
    long[] all = uids(view);
    long version = mailbox.version();
    Mailbox.Placed copied = mailbox.copy(inbox, all, archive);
    assertThat(copied.sourceUids()).isEqualTo(all);
    assertThat(copied.targetUids()).hasSize(all.length);
    assertThat(mailbox.view(archive).count()).isEqualTo(all.length);
    assertThat(mailbox.view(archive).modSeq(1)).isGreaterThan(version);
    Mailbox.Stored stored =
        mailbox.store(
            inbox,
            all,
            new FlagChange(FlagChange.Mode.ADD, Flags.DELETED, Set.of()),
            OptionalLong.empty());
    assertThat(stored.changed()).isEqualTo(all);
    assertThat(view.differenceTo(mailbox.view(inbox)).changed()).isEqualTo(all);
    FolderId sent = folder(mailbox, "Sent Items");
    assertThat(mailbox.move(archive, copied.targetUids(), sent).targetUids()).hasSize(all.length);
    assertThat(mailbox.expunge(inbox, all)).isEqualTo(all);
    assertThat(mailbox.view(inbox).count()).isZero();
    assertThat(mailbox.recoverableView().count()).isEqualTo(all.length);
    assertThat(mailbox.vanishedSince(inbox, version))
        .hasValueSatisfying(gone -> assertThat(gone).isEqualTo(all));
    reopen();
    assertThat(mailbox.view(sent).count()).isEqualTo(all.length);
    fixture.check();
  }

  @Test
  void largeAppendThatFailsLeavesNothingVisibleAndIsSweptLater() {
    for (int n = 1; n <= 8; n++) {
      plan.failNth(n, FaultPlan.Fault.UNAVAILABLE_BEFORE, FaultPlan.Call.COMMIT);
      List<NewMessage> added = many(2_500);
      int before = mailbox.view(inbox).count();
      boolean failed = false;
      try {
        mailbox.append(inbox, added);
      } catch (UnavailableException e) {
        failed = true;
      }
      plan.heal();
      assertThat(mailbox.view(inbox).count()).isEqualTo(failed ? before : before + 2_500);
      assertThat(mailbox.folders()).hasSize(6);
      fixture.check();
    }
    clock.advance(Duration.ofHours(25));
    fixture.mailboxes().purge();
    assertThat(mailbox.committer().state().folders()).hasSize(7);
    assertThat(fixture.check().warnings()).isEmpty();
    reopen();
    assertThatThrownBy(() -> mailbox.findFolder(List.of("x")).orElseThrow())
        .isInstanceOf(java.util.NoSuchElementException.class);
  }

  @Test
  void restoredMailboxReissuesNoNumberAndShowsEverythingAsChanged() {
    mailbox.append(inbox, many(100));
    long version = mailbox.version();
    Folder before = mailbox.findFolder(inbox).orElseThrow();
    FolderView old = mailbox.view(inbox);
    new MailboxRestore(fixture.mailboxes()).afterRestore(ANN);
    for (int pass = 0; pass < 2; pass++) {
      FolderView view = mailbox.view(inbox);
      assertThat(view.count()).isEqualTo(100);
      assertThat(view.folder().uidNext()).isGreaterThanOrEqualTo(before.uidNext() + (1 << 20));
      assertThat(view.folder().uidValidity()).isEqualTo(before.uidValidity());
      assertThat(view.modSeq(1)).isGreaterThan(version);
      assertThat(view.folder().highestModSeq()).isEqualTo(view.modSeq(100));
      assertThat(mailbox.vanishedSince(inbox, version)).isEmpty();
      assertThat(old.differenceTo(view).changed()).hasSize(100);
      fixture.check();
      reopen();
    }
    mailbox.append(inbox, many(1));
    fixture.check();
  }

  @Test
  void oneFolderOfABackupComesBackAsNewMessages() {
    mailbox.append(inbox, many(450));
    Mailbox bob = fixture.mailbox(MailboxFixture.BOB);
    MailboxRestore.Copied copied = MailboxRestore.copyMailbox(mailbox, bob, List.of("Restored"));
    assertThat(copied).isEqualTo(new MailboxRestore.Copied(450, 0));
    FolderView view = bob.view(folder(bob, "Restored", "INBOX"));
    assertThat(view.count()).isEqualTo(450);
    assertThat(view.flags(4)).isEqualTo(Flags.SEEN);
    assertThat(MailboxFixture.read(bob, view, 450)).isEqualTo(MailboxFixture.bytes("s449", "b"));
    fixture.check();
  }
}
