package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.folder;
import static org.mailstead.core.mailbox.MailboxFixture.message;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailstead.base.FolderId;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

/// The 1st, 2nd, 3rd … call to the store fails: what was acknowledged is there, what was not is
/// there as a whole or not at all, and the store agrees with itself.
class MailboxFaultTest {
  /// An operation and how far it got: 0 not at all, 1 wholly, anything else is half.
  private record Operation(String name, Consumer<Mailbox> action, ToLongFunction<Mailbox> done) {}

  private static final List<Operation> OPERATIONS =
      List.of(
          new Operation(
              "append",
              m ->
                  m.append(
                      m.inbox(),
                      List.of(message("new", "small"), message("new", "x".repeat(30_000)))),
              m -> share(m.view(m.inbox()).count() - 4, 2)),
          new Operation(
              "deliver",
              m -> m.deliver(m.inbox(), message("new", "x".repeat(30_000)), "d"),
              m -> share(m.view(m.inbox()).count() - 4, 1)),
          new Operation(
              "copy",
              m -> m.copy(m.inbox(), new long[] {1, 2, 3}, folder(m, "Archive")),
              m -> share(m.view(folder(m, "Archive")).count(), 3)),
          new Operation(
              "move",
              m -> m.move(m.inbox(), new long[] {1, 2, 3}, folder(m, "Archive")),
              m -> share(m.view(folder(m, "Archive")).count() + 4 - m.view(m.inbox()).count(), 6)),
          new Operation(
              "store",
              m ->
                  m.store(
                      m.inbox(),
                      new long[] {1, 2, 3, 4},
                      new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of("k")),
                      OptionalLong.empty()),
              m -> share(4 - m.view(m.inbox()).folder().unseenCount(), 4)),
          new Operation(
              "expunge",
              m -> m.expunge(m.inbox(), new long[] {1, 2, 3, 4}),
              m -> share(m.recoverableView().count(), 2)),
          new Operation(
              "create",
              m -> m.createFolder(List.of("A", "B", "C"), Optional.empty()),
              m -> share(m.folders().size() - 6, 3)),
          new Operation(
              "rename",
              m -> m.renameFolder(folder(m, "Archive"), List.of("X", "Y")),
              m -> share(m.findFolder(List.of("X", "Y")).isPresent() ? 1 : 0, 1)));

  private static long share(long count, long all) {
    if (count == 0) return 0;
    return count == all ? 1 : -1;
  }

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(FaultPlan.Fault.class)
  void everyOperationIsWholeOrNothingWhateverCallFails(FaultPlan.Fault fault) {
    int reached = 0;
    for (Operation operation : OPERATIONS) {
      for (int n = 1; n <= 60; n++) {
        if (!attempt(operation, fault, n)) break;
        reached++;
      }
    }
    // The plan really met calls, or the test shows nothing.
    assertThat(reached).isGreaterThanOrEqualTo(2);
  }

  /// @return false if the operation makes fewer than n calls
  private boolean attempt(Operation operation, FaultPlan.Fault fault, int n) {
    TestClock clock = new TestClock();
    MemoryStore store = new MemoryStore(clock);
    FaultPlan plan = new FaultPlan();
    Path keyFolder = folder.resolve(operation.name() + fault + n);
    MailboxFixture fixture =
        new MailboxFixture(store, inner -> new FailingStore(inner, plan), keyFolder, clock);
    prepare(fixture.mailbox(ANN));
    Mailbox mailbox = fixture.mailbox(ANN);
    FaultPlan.Call[] kinds =
        switch (fault) {
          case UNAVAILABLE_BEFORE -> new FaultPlan.Call[0];
          case UNAVAILABLE_AFTER ->
              new FaultPlan.Call[] {
                FaultPlan.Call.BLOB_PUT, FaultPlan.Call.BLOB_HOLD, FaultPlan.Call.BLOB_RELEASE
              };
          case UNKNOWN_BEFORE, UNKNOWN_AFTER ->
              new FaultPlan.Call[] {FaultPlan.Call.COMMIT, FaultPlan.Call.OUTCOME};
        };
    // For lost answers the question about the outcome fails as well, again and again.
    plan.fail(n, kinds.length == 2 ? 12 : 1, fault, kinds);
    boolean acknowledged;
    try {
      operation.action().accept(mailbox);
      acknowledged = true;
    } catch (UnavailableException e) {
      acknowledged = false;
    }
    boolean reached = plan.callCount() >= n;
    plan.heal();
    String text = operation.name() + ", " + fault + " at call " + n;
    long live = operation.done().applyAsLong(mailbox);
    assertThat(live).as(text + ": whole or nothing").isIn(0L, 1L);
    if (acknowledged) assertThat(live).as(text).isEqualTo(1);
    // It still works, on what is really there.
    mailbox.append(folder(mailbox, "Drafts"), List.of(message("after", "wards")));
    fixture.reopen();
    Mailbox reopened = fixture.mailbox(ANN);
    assertThat(operation.done().applyAsLong(reopened)).as(text + ", reopened").isEqualTo(live);
    assertThat(reopened.view(folder(reopened, "Drafts")).count()).isEqualTo(1);
    fixture.check();
    return reached;
  }

  private static void prepare(Mailbox mailbox) {
    mailbox.append(
        mailbox.inbox(),
        List.of(
            message("1", "x", Flags.DELETED, Set.of()),
            message("2", "x".repeat(20_000), Flags.DELETED, Set.of()),
            message("3", "x"),
            message("4", "x")));
  }

  @Test
  void purgeCanFailAnywhereAndGoesOnLater() {
    for (int n = 1; n <= 60; n++) {
      TestClock clock = new TestClock();
      MemoryStore store = new MemoryStore(clock);
      FaultPlan plan = new FaultPlan();
      MailboxFixture fixture =
          new MailboxFixture(
              store, inner -> new FailingStore(inner, plan), folder.resolve("purge" + n), clock);
      Mailbox mailbox = fixture.mailbox(ANN);
      prepare(mailbox);
      mailbox.expunge(mailbox.inbox(), new long[] {1, 2});
      clock.advance(MailboxLimits.RECOVERABLE_KEPT.plusDays(1));
      plan.failNth(n, FaultPlan.Fault.UNAVAILABLE_BEFORE);
      try {
        fixture.mailboxes().purge();
      } catch (UnavailableException e) {
        assertThat(plan.callCount()).isGreaterThanOrEqualTo(n);
      }
      plan.heal();
      fixture.check();
      fixture.reopen();
      fixture.mailboxes().purge();
      FolderId inbox = fixture.mailbox(ANN).inbox();
      assertThat(fixture.mailbox(ANN).view(inbox).count()).isEqualTo(2);
      assertThat(fixture.mailbox(ANN).recoverableBytes()).isZero();
      assertThat(fixture.check().warnings()).isEmpty();
    }
  }
}
