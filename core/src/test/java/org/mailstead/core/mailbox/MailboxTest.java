package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.BOB;
import static org.mailstead.core.mailbox.MailboxFixture.ORGANIZATION;
import static org.mailstead.core.mailbox.MailboxFixture.bytes;
import static org.mailstead.core.mailbox.MailboxFixture.folder;
import static org.mailstead.core.mailbox.MailboxFixture.message;
import static org.mailstead.core.mailbox.MailboxFixture.read;
import static org.mailstead.core.mailbox.MailboxFixture.uids;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.content.StagedContent;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.PartitionId;
import org.mailstead.store.TestClock;

class MailboxTest {
  @TempDir Path folder;

  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore(clock);
  private MailboxFixture fixture;
  private Mailbox mailbox;
  private FolderId inbox;
  private FolderId archive;

  @BeforeEach
  void open() {
    fixture = new MailboxFixture(store, folder, clock);
    reopen();
  }

  private void reopen() {
    fixture.reopen();
    mailbox = fixture.mailbox(ANN);
    inbox = mailbox.inbox();
    archive = folder(mailbox, "Archive");
  }

  @AfterEach
  void check() {
    fixture.check();
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
  }

  private long[] append(FolderId target, int count) {
    return mailbox
        .append(
            target,
            IntStream.range(0, count).mapToObj(i -> message("subject " + i, "body")).toList())
        .targetUids();
  }

  private void store(FlagChange.Mode mode, int flags, long... uids) {
    mailbox.store(inbox, uids, new FlagChange(mode, flags, Set.of()), OptionalLong.empty());
  }

  @Test
  void newMailboxHasTheFoldersOfWorkMail() {
    assertThat(mailbox.folders().stream().map(Folder::name))
        .containsExactly(
            "INBOX", "Drafts", "Sent Items", "Deleted Items", "Junk E-mail", "Archive");
    assertThat(mailbox.folders().stream().map(Folder::specialUse))
        .containsExactly(
            Optional.empty(),
            Optional.of(SpecialUse.DRAFTS),
            Optional.of(SpecialUse.SENT),
            Optional.of(SpecialUse.TRASH),
            Optional.of(SpecialUse.JUNK),
            Optional.of(SpecialUse.ARCHIVE));
    assertThat(mailbox.folders()).allMatch(Folder::subscribed);
    assertThat(mailbox.findFolder(List.of("iNbOx"))).isPresent();
    assertThat(mailbox.findFolder(List.of("archive"))).isEmpty();
  }

  @Test
  void appendedMessagesComeBackByteForByteAfterRestart() {
    List<byte[]> originals = new ArrayList<>();
    for (int length : new int[] {0, 1, 4096, 8192, 8193, 65536, 65537, 200_000}) {
      byte[] body = new byte[length];
      new java.util.Random(length).nextBytes(body);
      originals.add(body);
      mailbox.append(
          inbox, List.of(new NewMessage(Content.of(body), 0, Set.of(), clock.instant())));
    }
    reopen();
    FolderView view = mailbox.view(inbox);
    assertThat(view.count()).isEqualTo(originals.size());
    for (int i = 0; i < originals.size(); i++) {
      byte[] original = originals.get(i);
      assertThat(read(mailbox, view, i + 1)).isEqualTo(original);
      assertThat(view.size(i + 1)).isEqualTo(original.length);
      assertThat(mailbox.content(view.email(i + 1), original.length / 3, 70_000))
          .isEqualTo(
              java.util.Arrays.copyOfRange(
                  original,
                  original.length / 3,
                  Math.min(original.length, original.length / 3 + 70_000)));
    }
  }

  @Test
  void appendIsOneVersionAndCountsEverything() {
    long before = mailbox.version();
    Mailbox.Placed placed =
        mailbox.append(
            inbox,
            List.of(
                message("one", "x", Flags.SEEN, Set.of("$Label1")),
                message("two", "y", Flags.DELETED, Set.of("$label1", "Other"))));
    assertThat(placed.version()).isEqualTo(before + 1).isEqualTo(mailbox.version());
    assertThat(placed.targetUids()).containsExactly(1, 2);
    FolderView view = mailbox.view(inbox);
    assertThat(view.folder().messageCount()).isEqualTo(2);
    assertThat(view.folder().unseenCount()).isEqualTo(1);
    assertThat(view.folder().deletedCount()).isEqualTo(1);
    assertThat(view.folder().uidNext()).isEqualTo(3);
    assertThat(view.folder().highestModSeq()).isEqualTo(placed.version());
    assertThat(view.modSeq(2)).isEqualTo(placed.version());
    assertThat(view.keywordNames()).containsExactly("$Label1", "Other");
    assertThat(view.keywords(2)).isEqualTo(3);
    assertThat(view.receivedSeconds(1)).isEqualTo(1_700_000_000);
    assertThat(view.savedSeconds(1)).isEqualTo(clock.instant().getEpochSecond());
    assertThat(view.firstUnseen()).isEqualTo(2);
    assertThat(mailbox.usedBytes()).isEqualTo(view.folder().bytes());
  }

  @Test
  void summaryHoldsWhatClientsAskFor() {
    append(inbox, 3);
    FolderView view = mailbox.view(inbox);
    MessageSummary summary = mailbox.summary(view.email(2));
    assertThat(new String(summary.envelopeText(), StandardCharsets.UTF_8)).contains("subject 1");
    assertThat(new String(summary.bodyStructureText(), StandardCharsets.UTF_8)).contains("text");
    assertThat(summary.structure().envelope().orElseThrow().subject()).contains("subject 1");
    assertThat(summary.preview()).isEqualTo("body");
    assertThat(summary.size()).isEqualTo(view.size(2));
    reopen();
    assertThat(
            mailbox.summaries(List.of(view.email(3), view.email(1), new EmailId(Long.MAX_VALUE))))
        .containsOnlyKeys(view.email(1), view.email(3));
    assertRefused(Refusal.NOT_FOUND, () -> mailbox.summary(new EmailId(99)));
  }

  @Test
  void repliesJoinTheConversationWhateverComesFirst() {
    String reply = "Message-ID: <b@x>\r\nIn-Reply-To: <a@x>\r\n\r\n";
    String first = "Message-ID: <a@x>\r\n\r\n";
    String later = "Message-ID: <c@x>\r\nReferences: <a@x>\r\n <b@x>\r\n\r\n";
    for (String text : List.of(reply, first, later, "\r\nno header")) {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      mailbox.append(
          inbox, List.of(new NewMessage(Content.of(octets), 0, Set.of(), clock.instant())));
    }
    FolderView view = mailbox.view(inbox);
    var thread = mailbox.summary(view.email(1)).thread();
    assertThat(mailbox.summary(view.email(2)).thread()).isEqualTo(thread);
    assertThat(mailbox.summary(view.email(3)).thread()).isEqualTo(thread);
    assertThat(mailbox.summary(view.email(4)).thread()).isNotEqualTo(thread);
  }

  @Test
  void repeatedDeliveryIsHarmlessForSevenDays() {
    assertThat(mailbox.deliver(inbox, message("a", "b"), "queue-1")).isPresent();
    assertThat(mailbox.deliver(inbox, message("a", "b"), "queue-1")).isEmpty();
    reopen();
    assertThat(mailbox.deliver(inbox, message("a", "x".repeat(50_000)), "queue-1")).isEmpty();
    assertThat(mailbox.deliver(inbox, message("a", "b"), "queue-2")).isPresent();
    assertThat(mailbox.view(inbox).count()).isEqualTo(2);
    clock.advance(MailboxLimits.DELIVERIES_KEPT.plusDays(1));
    fixture.mailboxes().purge();
    assertThat(mailbox.deliver(inbox, message("a", "b"), "queue-1")).isPresent();
  }

  @Test
  void oneStagedContentGoesToManyMailboxesAsOneBlob() {
    byte[] octets = bytes("to all", "x".repeat(100_000));
    PartitionId queue = new PartitionId("queue/7");
    StagedContent staged =
        fixture.contents().stage(ORGANIZATION, queue, List.of(Content.of(octets))).getFirst();
    MessageIndex index = MessageIndex.scan(Content.of(octets));
    StagedMessage message = new StagedMessage(staged, index, 0, Set.of(), clock.instant());
    Mailbox bob = fixture.mailbox(BOB);
    assertThat(mailbox.deliver(inbox, message, "d")).isPresent();
    assertThat(mailbox.deliver(inbox, message, "d")).isEmpty();
    assertThat(bob.deliver(bob.inbox(), message, "d")).isPresent();
    bob.appendStaged(bob.inbox(), List.of(message));
    assertThat(store.blobs().list(Optional.empty(), 10)).hasSize(1);
    assertThat(store.blobs().holders(staged.id()))
        .containsExactlyInAnyOrder(
            queue, new PartitionId("mailbox/ann"), new PartitionId("mailbox/bob"));
    fixture.contents().release(queue, staged);
    assertThat(read(bob, bob.view(bob.inbox()), 2)).isEqualTo(octets);
    fixture.mailboxes().delete(BOB);
    assertThat(store.blobs().holders(staged.id())).containsExactly(new PartitionId("mailbox/ann"));
    assertThat(read(mailbox, mailbox.view(inbox), 1)).isEqualTo(octets);
  }

  @Test
  void viewsFindMessagesByNumberAndUid() {
    append(inbox, 200);
    store(
        FlagChange.Mode.ADD,
        Flags.DELETED,
        IntStream.range(0, 100).mapToLong(i -> 2 * i + 1).toArray());
    mailbox.expunge(inbox, uids(mailbox.view(inbox)));
    FolderView view = mailbox.view(inbox);
    assertThat(view.count()).isEqualTo(100);
    for (int sequence = 1; sequence <= 100; sequence++) {
      assertThat(view.uid(sequence)).isEqualTo(2L * sequence);
      assertThat(view.sequenceOf(2L * sequence)).isEqualTo(sequence);
      assertThat(view.sequenceOf(2L * sequence - 1)).isZero();
      assertThat(view.sequenceAtLeast(2L * sequence - 1)).isEqualTo(sequence);
      assertThat(view.sequenceAtLeast(2L * sequence)).isEqualTo(sequence);
    }
    assertThat(view.sequenceAtLeast(0)).isEqualTo(1);
    assertThat(view.sequenceAtLeast(201)).isEqualTo(101);
    assertThat(view.sequenceAtLeast(Long.MAX_VALUE)).isEqualTo(101);
    assertThat(view.sequenceOf(0)).isZero();
    assertThat(view.sequenceOf(-64)).isZero();
    assertThat(view.sequenceOf(Long.MAX_VALUE)).isZero();
    assertThatThrownBy(() -> view.uid(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.uid(101)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void storeChangesFlagsAndKeywordsInAllModes() {
    append(inbox, 3);
    FlagChange add = new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of("Blue"));
    Mailbox.Stored stored = mailbox.store(inbox, new long[] {1, 3, 77}, add, OptionalLong.empty());
    assertThat(stored.changed()).containsExactly(1, 3);
    assertThat(stored.version()).isEqualTo(mailbox.version());
    FolderView view = mailbox.view(inbox);
    assertThat(view.flags(1)).isEqualTo(Flags.SEEN);
    assertThat(view.flags(2)).isZero();
    assertThat(view.keywords(3)).isEqualTo(1);
    assertThat(view.folder().unseenCount()).isEqualTo(1);
    long version = mailbox.version();
    assertThat(mailbox.store(inbox, new long[] {1, 3}, add, OptionalLong.empty()).changed())
        .isEmpty();
    assertThat(mailbox.version()).isEqualTo(version);
    mailbox.store(
        inbox,
        new long[] {1},
        new FlagChange(FlagChange.Mode.REPLACE, Flags.FLAGGED, Set.of("Red")),
        OptionalLong.empty());
    mailbox.store(
        inbox,
        new long[] {3},
        new FlagChange(FlagChange.Mode.REMOVE, Flags.SEEN, Set.of("BLUE", "Unknown")),
        OptionalLong.empty());
    reopen();
    view = mailbox.view(inbox);
    assertThat(view.flags(1)).isEqualTo(Flags.FLAGGED);
    assertThat(view.keywords(1)).isEqualTo(2);
    assertThat(view.flags(3)).isZero();
    assertThat(view.keywords(3)).isZero();
    assertThat(view.keywordNames()).containsExactly("Blue", "Red");
  }

  @Test
  void unchangedSinceLeavesNewerMessagesAlone() {
    append(inbox, 2);
    long before = mailbox.version();
    store(FlagChange.Mode.ADD, Flags.FLAGGED, 2);
    Mailbox.Stored stored =
        mailbox.store(
            inbox,
            new long[] {1, 2},
            new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of()),
            OptionalLong.of(before));
    assertThat(stored.changed()).containsExactly(1);
    assertThat(stored.modified()).containsExactly(2);
    assertThat(mailbox.view(inbox).flags(2)).isEqualTo(Flags.FLAGGED);
  }

  @Test
  void oneKeywordTooManyIsRefusedAndNothingChanges() {
    append(inbox, 2);
    Set<String> all =
        new java.util.HashSet<>(
            IntStream.range(0, Flags.KEYWORD_COUNT_MAX).mapToObj(i -> "k" + i).toList());
    FlagChange.Mode add = FlagChange.Mode.ADD;
    mailbox.store(inbox, new long[] {1}, new FlagChange(add, 0, all), OptionalLong.empty());
    assertThat(Long.bitCount(mailbox.view(inbox).keywords(1))).isEqualTo(64);
    assertRefused(
        Refusal.LIMIT_REACHED,
        () ->
            mailbox.store(
                inbox,
                new long[] {2},
                new FlagChange(add, Flags.SEEN, Set.of("k1", "one more")),
                OptionalLong.empty()));
    assertThat(mailbox.view(inbox).flags(2)).isZero();
    assertRefused(
        Refusal.LIMIT_REACHED,
        () -> mailbox.append(inbox, List.of(message("a", "b", 0, Set.of("another")))));
    assertRefused(
        Refusal.INVALID,
        () ->
            mailbox.append(
                archive,
                List.of(
                    message(
                        "a", "b", 0, Set.of("k".repeat(MailboxLimits.KEYWORD_LENGTH_MAX + 1))))));
    reopen();
    assertThat(mailbox.view(inbox).count()).isEqualTo(2);
  }

  @Test
  void copyKeepsEmailIdFlagsAndKeywordsUnderNewNumbers() {
    mailbox.append(archive, List.of(message("x", "y", 0, Set.of("Zero", "One"))));
    mailbox.append(
        inbox,
        List.of(message("a", "b", Flags.SEEN, Set.of("One")), message("c", "d", 0, Set.of("Two"))));
    long used = mailbox.usedBytes();
    clock.advance(java.time.Duration.ofSeconds(60));
    Mailbox.Placed placed = mailbox.copy(inbox, new long[] {1, 2, 9}, archive);
    assertThat(placed.sourceUids()).containsExactly(1, 2);
    assertThat(placed.targetUids()).containsExactly(2, 3);
    FolderView source = mailbox.view(inbox);
    FolderView target = mailbox.view(archive);
    assertThat(target.email(2)).isEqualTo(source.email(1));
    assertThat(target.item(2)).isNotEqualTo(source.item(1));
    assertThat(target.flags(2)).isEqualTo(Flags.SEEN);
    assertThat(names(target, 2)).isEqualTo(names(source, 1));
    assertThat(names(target, 3)).containsExactly("Two");
    assertThat(target.savedSeconds(2)).isEqualTo(source.savedSeconds(1) + 60);
    assertThat(target.receivedSeconds(2)).isEqualTo(source.receivedSeconds(1));
    assertThat(mailbox.usedBytes()).isEqualTo(used + source.size(1) + source.size(2));
    Mailbox.Placed again = mailbox.copy(inbox, new long[] {1}, inbox);
    assertThat(again.targetUids()).containsExactly(3);
    assertThat(mailbox.view(inbox).email(3)).isEqualTo(source.email(1));
  }

  private static Set<String> names(FolderView view, int sequence) {
    Set<String> names = new java.util.TreeSet<>();
    for (int bit = 0; bit < view.keywordNames().size(); bit++) {
      if ((view.keywords(sequence) >>> bit & 1) != 0) names.add(view.keywordNames().get(bit));
    }
    return names;
  }

  @Test
  void moveTakesMessagesAwayAndLogsWhatVanished() {
    append(inbox, 5);
    long before = mailbox.version();
    FolderView view = mailbox.view(inbox);
    Mailbox.Placed placed = mailbox.move(inbox, new long[] {2, 4}, archive);
    assertThat(placed.targetUids()).containsExactly(1, 2);
    assertThat(uids(mailbox.view(inbox))).containsExactly(1, 3, 5);
    assertThat(mailbox.view(archive).email(2)).isEqualTo(view.email(4));
    assertThat(mailbox.view(archive).item(2)).isNotEqualTo(view.item(4));
    assertThat(mailbox.vanishedSince(inbox, before))
        .hasValueSatisfying(uids -> assertThat(uids).containsExactly(2, 4));
    assertThat(mailbox.vanishedSince(inbox, mailbox.version()))
        .hasValueSatisfying(uids -> assertThat(uids).isEmpty());
    mailbox.move(inbox, new long[] {1}, inbox);
    assertThat(uids(mailbox.view(inbox))).containsExactly(3, 5, 6);
  }

  @Test
  void expungeRemovesOnlyWhatIsDeletedAndKeepsItRecoverable() {
    append(inbox, 4);
    store(FlagChange.Mode.ADD, Flags.DELETED, 1, 3);
    long used = mailbox.usedBytes();
    assertThat(mailbox.expunge(inbox, new long[] {1, 2})).containsExactly(1);
    assertThat(uids(mailbox.view(inbox))).containsExactly(2, 3, 4);
    FolderView recoverable = mailbox.recoverableView();
    assertThat(recoverable.count()).isEqualTo(1);
    assertThat(mailbox.recoverableBytes()).isEqualTo(recoverable.size(1));
    assertThat(mailbox.usedBytes()).isEqualTo(used - recoverable.size(1));
    assertThat(mailbox.folders().stream().map(Folder::name)).doesNotContain("Recoverable Items");
    Mailbox.Placed back = mailbox.recover(uids(recoverable), archive);
    assertThat(back.targetUids()).containsExactly(1);
    assertThat(mailbox.usedBytes()).isEqualTo(used);
    assertThat(read(mailbox, mailbox.view(archive), 1)).isEqualTo(bytes("subject 0", "body"));
  }

  @Test
  void purgeAfterFourteenDaysReleasesBlobsAndRows() {
    String body = "x".repeat(50_000);
    mailbox.append(inbox, List.of(message("large", body, Flags.DELETED, Set.of())));
    mailbox.append(inbox, List.of(message("copied", body, Flags.DELETED, Set.of())));
    mailbox.append(inbox, List.of(message("small", "s", Flags.DELETED, Set.of())));
    mailbox.copy(inbox, new long[] {2}, archive);
    FolderView view = mailbox.view(inbox);
    mailbox.expunge(inbox, uids(view));
    fixture.mailboxes().purge();
    assertThat(mailbox.recoverableView().count()).isEqualTo(3);
    clock.advance(MailboxLimits.RECOVERABLE_KEPT.plusSeconds(1));
    fixture.mailboxes().purge();
    assertThat(mailbox.recoverableView().count()).isZero();
    assertThat(mailbox.recoverableBytes()).isZero();
    assertRefused(Refusal.NOT_FOUND, () -> mailbox.summary(view.email(1)));
    assertRefused(Refusal.NOT_FOUND, () -> mailbox.summary(view.email(3)));
    assertThat(read(mailbox, mailbox.view(archive), 1)).isEqualTo(bytes("copied", body));
    assertThat(fixture.check().warnings()).isEmpty();
    assertThat(
            store.blobs().list(Optional.empty(), 10).stream()
                .filter(blob -> !store.blobs().holders(blob).isEmpty()))
        .hasSize(1);
  }

  @Test
  void vanishedLogReachesNinetyDaysBack() {
    append(inbox, 3);
    store(FlagChange.Mode.ADD, Flags.DELETED, 1, 2);
    long before = mailbox.version();
    mailbox.expunge(inbox, new long[] {1});
    clock.advance(MailboxLimits.VANISHED_KEPT.plusDays(1));
    long between = mailbox.version();
    mailbox.expunge(inbox, new long[] {2});
    fixture.mailboxes().purge();
    assertThat(mailbox.vanishedSince(inbox, before)).isEmpty();
    assertThat(mailbox.vanishedSince(inbox, between))
        .hasValueSatisfying(uids -> assertThat(uids).containsExactly(2));
    reopen();
    assertThat(mailbox.vanishedSince(inbox, before)).isEmpty();
  }

  @Test
  @DisplayName("LIM: a full mailbox refuses, and nothing of the message stays")
  void quotaIsKept() {
    mailbox.changeQuota(10_000);
    mailbox.append(inbox, List.of(message("a", "x".repeat(5_000))));
    assertRefused(
        Refusal.OVER_QUOTA, () -> mailbox.append(inbox, List.of(message("b", "x".repeat(5_000)))));
    assertRefused(Refusal.OVER_QUOTA, () -> mailbox.copy(inbox, new long[] {1}, archive));
    assertRefused(
        Refusal.OVER_QUOTA, () -> mailbox.deliver(inbox, message("c", "x".repeat(20_000)), "d"));
    assertThat(store.blobs().list(Optional.empty(), 10)).isEmpty();
    assertThat(mailbox.view(inbox).count()).isEqualTo(1);
  }

  @Test
  void foldersAreMadeWithTheirParents() {
    Folder made = mailbox.createFolder(List.of("Projects", "2027", "Röntgen"), Optional.empty());
    assertThat(mailbox.path(made.id())).containsExactly("Projects", "2027", "Röntgen");
    assertThat(mailbox.findFolder(List.of("Projects", "2027"))).isPresent();
    assertRefused(
        Refusal.ALREADY_EXISTS, () -> mailbox.createFolder(List.of("inbox"), Optional.empty()));
    assertRefused(
        Refusal.ALREADY_EXISTS,
        () -> mailbox.createFolder(List.of("Second"), Optional.of(SpecialUse.SENT)));
    for (String bad : List.of("", "a/b", "a\nb", "x".repeat(251))) {
      assertRefused(Refusal.INVALID, () -> mailbox.createFolder(List.of(bad), Optional.empty()));
    }
    List<String> deep = java.util.Collections.nCopies(MailboxLimits.FOLDER_DEPTH_MAX + 1, "d");
    assertRefused(Refusal.LIMIT_REACHED, () -> mailbox.createFolder(deep, Optional.empty()));
    reopen();
    assertThat(mailbox.path(made.id())).containsExactly("Projects", "2027", "Röntgen");
  }

  @Test
  void uidValidityIsNeverReused() {
    FolderId first = mailbox.createFolder(List.of("A"), Optional.empty()).id();
    long old = mailbox.findFolder(first).orElseThrow().uidValidity();
    mailbox.deleteFolder(first);
    Folder again = mailbox.createFolder(List.of("A"), Optional.empty());
    assertThat(again.uidValidity()).isGreaterThan(old);
    assertThat(again.id()).isNotEqualTo(first);
  }

  @Test
  void deletedFolderLeavesItsMessagesRecoverableAndItsChildrenInPlace() {
    FolderId parent = mailbox.createFolder(List.of("P"), Optional.empty()).id();
    FolderId child = mailbox.createFolder(List.of("P", "C"), Optional.empty()).id();
    append(parent, 3);
    long validity = mailbox.findFolder(parent).orElseThrow().uidValidity();
    mailbox.deleteFolder(parent);
    Folder name = mailbox.findFolder(parent).orElseThrow();
    assertThat(name.selectable()).isFalse();
    assertThat(name.messageCount()).isZero();
    assertThat(mailbox.recoverableView().count()).isEqualTo(3);
    assertRefused(Refusal.IN_USE, () -> mailbox.deleteFolder(parent));
    assertRefused(Refusal.NOT_FOUND, () -> append(parent, 1));
    assertThat(mailbox.createFolder(List.of("P"), Optional.empty()).uidValidity())
        .isGreaterThan(validity);
    mailbox.deleteFolder(child);
    mailbox.deleteFolder(parent);
    assertThat(mailbox.findFolder(List.of("P"))).isEmpty();
    assertRefused(Refusal.NOT_FOUND, () -> mailbox.view(parent));
    assertRefused(Refusal.FORBIDDEN, () -> mailbox.deleteFolder(inbox));
  }

  @Test
  void renameMovesTheWholeBranchAndNeverUnderItself() {
    FolderId a = mailbox.createFolder(List.of("A"), Optional.empty()).id();
    FolderId b = mailbox.createFolder(List.of("A", "B"), Optional.empty()).id();
    append(b, 2);
    assertRefused(Refusal.INVALID, () -> mailbox.renameFolder(a, List.of("A", "B", "C")));
    assertRefused(Refusal.INVALID, () -> mailbox.renameFolder(a, List.of("A", "X")));
    assertRefused(Refusal.ALREADY_EXISTS, () -> mailbox.renameFolder(a, List.of("Archive")));
    mailbox.renameFolder(a, List.of("New", "Place"));
    assertThat(mailbox.path(b)).containsExactly("New", "Place", "B");
    assertThat(mailbox.view(b).count()).isEqualTo(2);
    assertThat(mailbox.findFolder(List.of("A"))).isEmpty();
    reopen();
    assertThat(mailbox.path(b)).containsExactly("New", "Place", "B");
  }

  @Test
  void renamingInboxGivesItsMessagesAway() {
    append(inbox, 3);
    mailbox.createFolder(List.of("INBOX", "Child"), Optional.empty());
    mailbox.renameFolder(inbox, List.of("Old"));
    assertThat(mailbox.view(inbox).count()).isZero();
    assertThat(mailbox.view(folder(mailbox, "Old")).count()).isEqualTo(3);
    assertThat(mailbox.findFolder(List.of("Inbox", "Child"))).isPresent();
  }

  @Test
  void subscriptionsOutliveTheirFolders() {
    FolderId made = mailbox.createFolder(List.of("S"), Optional.empty()).id();
    assertThat(mailbox.findFolder(made).orElseThrow().subscribed()).isFalse();
    mailbox.subscribe(List.of("S"), true);
    mailbox.subscribe(List.of("Nowhere", "Yet"), true);
    mailbox.deleteFolder(made);
    reopen();
    assertThat(mailbox.subscribedNamesWithoutFolder())
        .containsExactlyInAnyOrder(List.of("S"), List.of("Nowhere", "Yet"));
    assertThat(mailbox.createFolder(List.of("S"), Optional.empty()).subscribed()).isTrue();
    mailbox.subscribe(List.of("Nowhere", "Yet"), false);
    assertThat(mailbox.subscribedNamesWithoutFolder()).isEmpty();
    for (int i = 0; i < MailboxLimits.SUBSCRIBED_NAMES_MAX; i++) {
      mailbox.subscribe(List.of("n" + i), true);
    }
    assertRefused(Refusal.LIMIT_REACHED, () -> mailbox.subscribe(List.of("more"), true));
  }

  @Test
  @DisplayName("PRM-2: folder permissions are kept with the folder")
  void folderPermissionsAreKept() {
    EntityId user = new EntityId("u-1");
    mailbox.setFolderPermission(archive, user, EnumSet.of(Right.LOOKUP, Right.READ));
    mailbox.setFolderPermission(archive, Mailbox.ANYONE, EnumSet.of(Right.LOOKUP));
    reopen();
    assertThat(mailbox.folderPermissions(archive))
        .containsEntry(user, EnumSet.of(Right.LOOKUP, Right.READ))
        .containsEntry(Mailbox.ANYONE, EnumSet.of(Right.LOOKUP));
    mailbox.setFolderPermission(archive, user, Set.of());
    reopen();
    assertThat(mailbox.folderPermissions(archive)).containsOnlyKeys(Mailbox.ANYONE);
    assertThat(mailbox.folderPermissions(inbox)).isEmpty();
  }

  @Test
  void watchersHearOfChangesUntilClosed() throws InterruptedException {
    CountDownLatch heard = new CountDownLatch(1);
    try (Mailbox.Watch watch = mailbox.watch(heard::countDown)) {
      append(inbox, 1);
      assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(watch).isNotNull();
    }
  }

  @Test
  void deletedMailboxIsGoneForEverybody() {
    append(inbox, 1);
    assertThat(fixture.mailboxes().list(Optional.empty(), 10)).containsExactly(ANN);
    fixture.mailboxes().delete(ANN);
    assertRefused(Refusal.NOT_FOUND, () -> mailbox.view(inbox));
    assertRefused(Refusal.NOT_FOUND, () -> append(inbox, 1));
    assertRefused(Refusal.NOT_FOUND, () -> fixture.mailboxes().open(ANN));
    assertThat(fixture.mailboxes().list(Optional.empty(), 10)).isEmpty();
    fixture.mailboxes().delete(ANN);
    assertThat(fixture.mailbox(ANN).view(inbox).count()).isZero();
  }

  @Test
  @DisplayName("ISSUE 7: a folder whose UIDs are used up refuses clearly")
  void uidExhaustionIsRefused() {
    append(inbox, 1);
    mailbox
        .committer()
        .change(draft -> {
          FolderState state = draft.loadedFolder(inbox);
          FolderState.Counters old = state.counters();
          draft.folder(
              state.withCounters(
                  old.withFloors(0xFFFF_FFFFL, old.highestModSeq(), old.vanishedFloor(), 0)));
          return true;
        });
    assertThat(append(inbox, 1)).containsExactly(0xFFFF_FFFFL);
    assertRefused(Refusal.LIMIT_REACHED, () -> append(inbox, 1));
    assertRefused(Refusal.LIMIT_REACHED, () -> mailbox.copy(inbox, new long[] {1}, inbox));
    reopen();
    assertThat(uids(mailbox.view(inbox))).containsExactly(1, 0xFFFF_FFFFL);
    assertThat(mailbox.view(inbox).sequenceAtLeast(2)).isEqualTo(2);
  }

  @Test
  @DisplayName("ISSUE 7: a clock that steps backwards harms nothing")
  void clockMayStepBackwards() {
    append(inbox, 2);
    store(FlagChange.Mode.ADD, Flags.DELETED, 1);
    clock.advance(java.time.Duration.ofDays(-20_000));
    append(inbox, 2);
    mailbox.expunge(inbox, new long[] {1});
    fixture.mailboxes().purge();
    assertThat(uids(mailbox.view(inbox))).containsExactly(2, 3, 4);
    assertThat(mailbox.recoverableView().count()).isEqualTo(1);
    Folder made = mailbox.createFolder(List.of("later"), Optional.empty());
    assertThat(made.uidValidity())
        .isGreaterThan(mailbox.findFolder(archive).orElseThrow().uidValidity());
  }

  @Test
  void extremeTimesAndSizesSurvive() {
    for (long seconds : new long[] {Long.MIN_VALUE >> 20, -1, 0, 253_402_300_799L}) {
      mailbox.append(
          inbox,
          List.of(
              new NewMessage(
                  Content.of(new byte[0]), 0, Set.of(), Instant.ofEpochSecond(seconds))));
    }
    reopen();
    FolderView view = mailbox.view(inbox);
    assertThat(view.receivedSeconds(1)).isEqualTo(Long.MIN_VALUE >> 20);
    assertThat(view.receivedSeconds(4)).isEqualTo(253_402_300_799L);
  }
}
