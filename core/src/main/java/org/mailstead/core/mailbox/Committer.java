package org.mailstead.core.mailbox;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.UnknownOutcomeException;
import org.mailstead.store.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the current state of one mailbox and makes the next ones. Changes queue up for the lock;
/// who gets it applies what waits, his own and that of others, as one commit: eight deliveries at
/// once cost one sync. A state is published after its commit, watchers hear of it outside the lock.
///
/// Outcomes: a refused change leaves the others untouched; on a conflict (another machine changed
/// the mailbox) the state is read anew and the changes are applied again; a lost answer is settled
/// by asking the store, and while it cannot be settled nothing is acknowledged and the next change
/// reads the state anew.
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

  /// Changes of one commit at the most.
  private static final int COMBINED_MAX = 64;

  private static final int SETTLE_ATTEMPTS = 5;
  private static final Duration SETTLE_PAUSE = Duration.ofMillis(20);

  private final Store store;
  private final PartitionId partition;
  private final MailboxLoader loader;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentLinkedDeque<Pending<?>> waiting = new ConcurrentLinkedDeque<>();
  private final CopyOnWriteArrayList<Watcher> watchers = new CopyOnWriteArrayList<>();
  private volatile @Nullable MailboxState state;
  private volatile boolean doubtful;
  private volatile boolean deleted;

  Committer(
      Store store,
      PartitionId partition,
      MailboxLoader loader,
      MailboxState state,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.partition = partition;
    this.loader = loader;
    this.state = state;
    this.clock = clock;
    this.random = random;
  }

  /// A change that waits for its commit: applied by whoever has the lock, awaited by its thread.
  private static final class Pending<T> {
    final Change<T> change;
    final Thread thread = Thread.currentThread();
    @Nullable T value;
    @Nullable RuntimeException failure;
    volatile boolean done;

    Pending(Change<T> change) {
      this.change = change;
    }

    void apply(Draft draft) {
      value = change.apply(draft);
    }

    void fail(RuntimeException cause) {
      failure = cause;
      finish();
    }

    void finish() {
      done = true;
      LockSupport.unpark(thread);
    }
  }

  private static final class Watcher implements Mailbox.Watch {
    private final CopyOnWriteArrayList<Watcher> all;
    private final Runnable listener;
    private final AtomicBoolean told = new AtomicBoolean();

    Watcher(CopyOnWriteArrayList<Watcher> all, Runnable listener) {
      this.all = all;
      this.listener = listener;
    }

    void tell() {
      if (!told.compareAndSet(false, true)) return;
      Thread.startVirtualThread(() -> {
        told.set(false);
        listener.run();
      });
    }

    @Override
    public void close() {
      all.remove(this);
    }
  }

  MailboxState state() {
    if (doubtful) settleDoubt();
    if (deleted) throw gone();
    MailboxState current = state;
    if (current == null) throw gone();
    return current;
  }

  Mailbox.Watch watch(Runnable listener) {
    Watcher watcher = new Watcher(watchers, listener);
    watchers.add(watcher);
    return watcher;
  }

  /// The mailbox's last change: it refuses everything after it.
  void markDeleted() {
    deleted = true;
    tellWatchers();
  }

  /// Applies a change in one commit, durable when it returns. Who does not get the lock sleeps
  /// until another thread has made his change, or has left the lock and wakes him: a queue for the
  /// lock would wake each of them in turn only to see that there is nothing left to do.
  <T> T change(Change<T> change) {
    Pending<T> mine = new Pending<>(change);
    waiting.add(mine);
    while (!mine.done) {
      if (!lock.tryLock()) {
        LockSupport.park(this);
        continue;
      }
      boolean changed = false;
      try {
        while (!mine.done) changed |= commitWaiting();
      } finally {
        unlock();
      }
      if (changed) tellWatchers();
    }
    if (mine.failure != null) throw mine.failure;
    T value = mine.value;
    if (value == null) throw new IllegalStateException("a change without an answer");
    return value;
  }

  /// Whoever waits was added before his attempt to lock, and this looks after unlocking: so nobody
  /// sleeps while the lock is free.
  private void unlock() {
    lock.unlock();
    Pending<?> next = waiting.peek();
    if (next != null) LockSupport.unpark(next.thread);
  }

  /// The state with a folder's messages loaded.
  FolderState loaded(FolderId id) {
    FolderState folder = state().folder(id);
    return folder.table().isPresent() ? folder : load(folder);
  }

  FolderState load(FolderState folder) {
    lock.lock();
    try {
      while (true) {
        MailboxState current = state();
        FolderState now =
            current
                .find(folder.id().value())
                .orElseThrow(() -> new RefusedException(Refusal.NOT_FOUND, "no such folder"));
        if (now.table().isPresent()) return now;
        try {
          FolderState loaded = now.withTable(Optional.of(loader.loadTable(current.version(), now)));
          state = current.withFolder(loaded);
          return loaded;
        } catch (ConflictException e) {
          reload();
        }
      }
    } finally {
      unlock();
    }
  }

  /// Changes that wait for the lock.
  int waitingCount() {
    return waiting.size();
  }

  /// Runs while no change can happen.
  void exclusively(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      unlock();
    }
  }

  /// @return whether there is a new state
  private boolean commitWaiting() {
    List<Pending<?>> taken = new ArrayList<>();
    int takenMax = COMBINED_MAX;
    try {
      while (true) {
        MailboxState base = state();
        Draft draft = new Draft(store, partition, loader, base, clock.instant().getEpochSecond());
        try {
          apply(draft, taken, takenMax);
          if (draft.isEmpty()) {
            state = draft.base(); // Perhaps with messages loaded.
            finish(taken);
            return false;
          }
          WriteBatch batch = draft.toBatch();
          if (batch.versionedBytes() > WriteBatch.VERSIONED_BYTES_MAX) {
            if (taken.size() == 1) throw new CommitTooLargeException(batch.versionedBytes());
            // Too much together: the first goes alone, the others wait for the next commit.
            for (int i = taken.size() - 1; i > 0; i--) waiting.addFirst(taken.remove(i));
            takenMax = 1;
            continue;
          }
          if (commit(base.version(), batch)) {
            state = draft.finished();
            finish(taken);
            return true;
          }
        } catch (ConflictException e) {
          LOG.debug("{}: conflict at version {}, reading again", partition, base.version());
        }
        reload();
      }
    } catch (RuntimeException e) {
      failAll(taken, e);
      return false;
    } catch (Error e) {
      // An error is this thread's end, not that of those who wait for it.
      failAll(taken, new IllegalStateException("a change ended by " + e, e));
      throw e;
    }
  }

  private static void finish(List<Pending<?>> taken) {
    for (Pending<?> each : taken) each.finish();
  }

  /// Applies the changes taken before (again, on a newer state), then further ones that wait.
  private void apply(Draft draft, List<Pending<?>> taken, int takenMax) {
    for (Pending<?> pending : List.copyOf(taken)) {
      if (!applyOne(draft, pending)) taken.remove(pending);
    }
    while (taken.size() < takenMax) {
      Pending<?> next = waiting.poll();
      if (next == null) return;
      taken.add(next);
      if (!applyOne(draft, next)) taken.remove(next);
    }
  }

  private static boolean applyOne(Draft draft, Pending<?> pending) {
    Draft fork = draft.fork();
    try {
      pending.apply(fork);
    } catch (ConflictException e) {
      throw e;
    } catch (RuntimeException e) {
      pending.fail(e);
      return false;
    }
    draft.absorb(fork);
    return true;
  }

  private void failAll(List<Pending<?>> taken, RuntimeException e) {
    // If none was taken yet, the next one hears of the failure: its thread would wait in vain.
    Pending<?> next = taken.isEmpty() ? waiting.poll() : null;
    if (next != null) next.fail(e);
    taken.forEach(each -> each.fail(e));
  }

  /// @return false: it did not happen, another version came first
  private boolean commit(long version, WriteBatch batch) {
    CommitId id = CommitId.random(random);
    try {
      store.commit(partition, version, id, batch);
      return true;
    } catch (UnknownOutcomeException e) {
      return settle(version, id, e);
    }
  }

  private boolean settle(long version, CommitId id, UnknownOutcomeException lost) {
    for (int attempt = 1; ; attempt++) {
      try {
        OptionalLong outcome = store.outcome(partition, id);
        if (outcome.isPresent()) return outcome.getAsLong() == version + 1;
        // It may still be on its way: only a later version shows that it lost.
        if (store.version(partition) > version) {
          // Asked once more: it may have landed between the two questions.
          OptionalLong late = store.outcome(partition, id);
          return late.isPresent() && late.getAsLong() == version + 1;
        }
      } catch (UnavailableException e) {
        LOG.debug("{}: outcome not known yet", partition, e);
      }
      if (attempt == SETTLE_ATTEMPTS) {
        doubtful = true;
        throw lost;
      }
      LockSupport.parkNanos(SETTLE_PAUSE.toNanos());
    }
  }

  private void settleDoubt() {
    lock.lock();
    try {
      if (doubtful) reload();
    } finally {
      unlock();
    }
  }

  private void reload() {
    Optional<MailboxState> fresh = loader.load();
    doubtful = false;
    if (fresh.isEmpty()) {
      deleted = true;
      throw gone();
    }
    state = fresh.get();
  }

  private void tellWatchers() {
    for (Watcher watcher : watchers) watcher.tell();
  }

  private static RefusedException gone() {
    return new RefusedException(Refusal.NOT_FOUND, "no such mailbox");
  }
}
