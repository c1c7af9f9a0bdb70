package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.mailbox.MailboxFixture.ANN;
import static org.mailstead.core.mailbox.MailboxFixture.folder;
import static org.mailstead.core.mailbox.MailboxFixture.message;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.FolderId;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

@Timeout(60)
class MailboxConcurrencyTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = 60;

  @TempDir Path folder;

  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore(clock);

  @Test
  void nothingIsLostOrDoubledWhenManyChangeOneMailbox()
      throws InterruptedException, ExecutionException {
    MailboxFixture fixture = new MailboxFixture(store, folder, clock);
    Mailbox mailbox = fixture.mailbox(ANN);
    FolderId inbox = mailbox.inbox();
    FolderId archive = folder(mailbox, "Archive");
    AtomicInteger delivered = new AtomicInteger();
    List<Callable<Set<Long>>> tasks = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int number = thread;
      tasks.add(() -> {
        Set<Long> mine = new TreeSet<>();
        for (int round = 0; round < ROUNDS; round++) {
          // Two threads make each delivery: one of them counts.
          mailbox
              .deliver(inbox, message("m" + round, "t" + number), number / 2 + "/" + round)
              .ifPresent(placed -> {
                mine.add(placed.targetUids()[0]);
                delivered.incrementAndGet();
              });
          long[] uids = mine.stream().mapToLong(Long::longValue).toArray();
          mailbox.store(
              inbox,
              uids,
              new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of("t" + number)),
              OptionalLong.empty());
          if (round % 10 == 0) mailbox.copy(inbox, uids, archive);
        }
        return mine;
      });
    }
    // A reader who follows the folder by differences only.
    List<Callable<Set<Long>>> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      readers.add(() -> {
        FolderView view = mailbox.view(inbox);
        Set<Long> known = new TreeSet<>();
        for (long uid : MailboxFixture.uids(view)) known.add(uid);
        while (known.size() < THREADS / 2 * ROUNDS) {
          FolderView now = mailbox.view(inbox);
          FolderView.Difference difference = view.differenceTo(now);
          for (long uid : difference.vanished()) assertThat(known.remove(uid)).isTrue();
          for (int n = difference.added(); n > 0; n--) known.add(now.uid(now.count() - n + 1));
          assertThat(known).hasSize(now.count());
          view = now;
          Thread.yield();
        }
        return known;
      });
    }
    Set<Long> all = new TreeSet<>();
    // Platform threads: the readers never block.
    try (var executor = Executors.newCachedThreadPool()) {
      List<Future<Set<Long>>> following = readers.stream().map(executor::submit).toList();
      for (Future<Set<Long>> each : executor.invokeAll(tasks)) {
        for (long uid : each.get()) assertThat(all.add(uid)).as("UID %s", uid).isTrue();
      }
      for (Future<Set<Long>> each : following) assertThat(each.get()).isEqualTo(all);
    }
    assertThat(delivered).hasValue(THREADS / 2 * ROUNDS);
    assertThat(MailboxFixture.uids(mailbox.view(inbox)))
        .containsExactly(all.stream().mapToLong(Long::longValue).toArray());
    assertThat(mailbox.view(inbox).folder().unseenCount()).isZero();
    fixture.check();
  }

  @Test
  void changesThatWaitShareACommit() throws InterruptedException, ExecutionException {
    MailboxFixture fixture = new MailboxFixture(store, folder, clock);
    Mailbox mailbox = fixture.mailbox(ANN);
    long before = mailbox.version();
    List<Callable<Mailbox.Placed>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String text = "m" + i;
      tasks.add(() -> mailbox.append(mailbox.inbox(), List.of(message(text, text))));
    }
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Mailbox.Placed>> appended = new ArrayList<>();
      mailbox
          .committer()
          .exclusively(() -> {
            for (var task : tasks) appended.add(executor.submit(task));
            while (mailbox.committer().waitingCount() < tasks.size()) Thread.onSpinWait();
          });
      for (Future<Mailbox.Placed> each : appended) {
        assertThat(each.get().version()).isEqualTo(before + 1);
      }
    }
    assertThat(mailbox.version()).isEqualTo(before + 1);
    assertThat(mailbox.view(mailbox.inbox()).count()).isEqualTo(20);
    fixture.check();
  }
}
