package org.mailstead.core.queue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.BlobId;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictBackoff;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.UnknownOutcomeException;
import org.mailstead.store.WriteBatch;

/// One shard's only committer in this process: whoever comes first commits for all who wait, so
/// that many results cost one sync. Other processes are met as conflicts, after which every change
/// of the batch reads and decides again.
final class QueueShard {
  /// A change to one or several entries. Called again after a conflict.
  interface Change {
    /// Reads what the change depends on; throwing refuses this change alone.
    void check();

    /// Adds the change; must not throw after a successful check.
    void write(WriteBatch batch);
  }

  private static final class Waiting {
    private final Set<QueueId> touched;
    private final Change change;
    private boolean done;
    private @Nullable RuntimeException failure;

    Waiting(Set<QueueId> touched, Change change) {
      this.touched = touched;
      this.change = change;
    }
  }

  private static final int FORGOTTEN_PER_COMMIT_MAX = 200;

  private final Store store;
  private final PartitionId partition;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Queue<BlobId> released = new ConcurrentLinkedQueue<>();
  private boolean committing;

  /// The version as last seen; -1 when unknown. Only the thread that commits uses it.
  private long version = -1;

  QueueShard(Store store, PartitionId partition, RandomGenerator random) {
    this.store = store;
    this.partition = partition;
    this.random = random;
  }

  PartitionId partition() {
    return partition;
  }

  /// Commits the change, perhaps together with those of other threads; durable when it returns.
  ///
  /// @param touched the entries that the change reads or writes: two changes of one entry never
  ///   share a commit
  void commit(Set<QueueId> touched, Change change) {
    Waiting mine = new Waiting(touched, change);
    lock.lock();
    try {
      waiting.addLast(mine);
      while (!mine.done) {
        if (committing) {
          progress.awaitUninterruptibly();
          continue;
        }
        committing = true;
        List<Waiting> batch = takeBatch();
        lock.unlock();
        try {
          commitAll(batch);
        } finally {
          lock.lock();
          committing = false;
          for (Waiting each : batch) each.done = true;
          progress.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
    if (mine.failure != null) throw mine.failure;
  }

  /// Removes the row that remembers a release, with the next commit: it is not worth its own.
  void forgetRelease(BlobId blob) {
    released.add(blob);
  }

  private List<Waiting> takeBatch() {
    List<Waiting> batch = new ArrayList<>();
    Set<QueueId> taken = new HashSet<>();
    for (var all = waiting.iterator(); all.hasNext(); ) {
      Waiting next = all.next();
      if (next.touched.stream().anyMatch(taken::contains)) break;
      taken.addAll(next.touched);
      batch.add(next);
      all.remove();
    }
    return batch;
  }

  /// Commits the changes, in several commits where they are many. Failures are left with those that
  /// they concern.
  private void commitAll(List<Waiting> all) {
    Deque<Waiting> rest = new ArrayDeque<>(all);
    try {
      while (!rest.isEmpty()) {
        for (Waiting finished : commitSome(rest)) rest.remove(finished);
      }
    } catch (RuntimeException e) {
      version = -1;
      for (Waiting each : rest) {
        if (each.failure == null) each.failure = e;
      }
    } catch (Error e) {
      version = -1;
      for (Waiting each : rest) {
        if (each.failure == null) each.failure = new IllegalStateException("commit failed", e);
      }
      throw e;
    }
  }

  /// Commits a first part of the changes and answers which are settled.
  private List<Waiting> commitSome(Deque<Waiting> changes) {
    for (int attempt = 0; attempt < ConflictBackoff.ATTEMPTS_MAX; attempt++) {
      if (attempt > 0) {
        ConflictBackoff.pause(attempt, random);
        version = -1;
      }
      // The version first, then the reads: whatever changes after this makes the commit conflict.
      if (version < 0) version = store.version(partition);
      WriteBatch batch = new WriteBatch();
      List<Waiting> settled = new ArrayList<>();
      for (Waiting each : changes) {
        settled.add(each);
        try {
          each.change.check();
        } catch (RuntimeException e) {
          each.failure = e;
          continue;
        }
        each.change.write(batch);
        if (batch.versionedBytes() >= QueueLimits.COMMIT_BYTES_TYPICAL) break;
      }
      if (batch.isEmpty()) return settled;
      List<BlobId> forgotten = released.stream().limit(FORGOTTEN_PER_COMMIT_MAX).toList();
      for (BlobId blob : forgotten) batch.delete(QueueRows.RELEASES, QueueRows.releaseKey(blob));
      Optional<Long> committed = tryCommit(batch);
      if (committed.isPresent()) {
        for (int i = 0; i < forgotten.size(); i++) released.remove();
        version = committed.get();
        return settled;
      }
      for (Waiting each : settled) each.failure = null;
    }
    throw new UnavailableException("the mail queue is too busy", Duration.ofSeconds(5));
  }

  /// The new version, or empty for a conflict.
  private Optional<Long> tryCommit(WriteBatch batch) {
    CommitId commit = CommitId.random(random);
    for (int attempt = 0; ; attempt++) {
      try {
        return Optional.of(store.commit(partition, version, commit, batch));
      } catch (ConflictException e) {
        // After an unknown outcome the conflict may be our own commit.
        OptionalLong outcome =
            attempt == 0 ? OptionalLong.empty() : store.outcome(partition, commit);
        if (outcome.isPresent()) return Optional.of(outcome.getAsLong());
        return Optional.empty();
      } catch (UnknownOutcomeException e) {
        OptionalLong outcome = store.outcome(partition, commit);
        if (outcome.isPresent()) return Optional.of(outcome.getAsLong());
        // Not (yet) there: the same commit again settles it either way.
        if (attempt >= QueueLimits.UNKNOWN_OUTCOME_ATTEMPTS_MAX) throw e;
      }
    }
  }
}
