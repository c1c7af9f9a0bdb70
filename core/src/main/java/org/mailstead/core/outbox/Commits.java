package org.mailstead.core.outbox;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictBackoff;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.UnknownOutcomeException;

/// Changes partitions by optimistic commits: read, decide, commit on the version that was read,
/// again on conflict. Threads of this process take turns on a partition, so that conflicts come
/// from other machines only.
public final class Commits {
  private static final int LOCK_COUNT = 1024;

  private final Store store;
  private final Versions versions;
  private final RandomGenerator random;
  private final ReentrantLock[] locks = new ReentrantLock[LOCK_COUNT];

  /// What a change answered and which effects it left.
  record Done<T>(T answer, List<Effect> effects) {}

  public Commits(Store store, Versions versions, RandomGenerator random) {
    this.store = store;
    this.versions = versions;
    this.random = random;
    for (int i = 0; i < LOCK_COUNT; i++) locks[i] = new ReentrantLock();
  }

  public Store store() {
    return store;
  }

  public Versions versions() {
    return versions;
  }

  /// A change without effects. What `decide` throws ends it, nothing written.
  public <T> T change(PartitionId partition, Function<PartitionChange, T> decide) {
    return attempt(partition, decide).answer;
  }

  <T> Done<T> attempt(PartitionId partition, Function<PartitionChange, T> decide) {
    ReentrantLock lock = locks[Math.floorMod(partition.hashCode(), LOCK_COUNT)];
    lock.lock();
    try {
      for (int i = 0; i < ConflictBackoff.ATTEMPTS_MAX; i++) {
        if (i > 0) ConflictBackoff.pause(i, random);
        var change = new PartitionChange(store, random, partition, store.version(partition));
        T answer = decide.apply(change);
        if (change.batch().isEmpty()) return new Done<>(answer, List.of());
        if (committed(change)) return new Done<>(answer, change.effects());
      }
    } finally {
      lock.unlock();
    }
    throw new UnavailableException(partition + " changes too fast", Duration.ofSeconds(1));
  }

  /// @return false on conflict
  private boolean committed(PartitionChange change) {
    PartitionId partition = change.partition();
    CommitId id = CommitId.random(random);
    try {
      versions.raise(partition, store.commit(partition, change.version(), id, change.batch()));
      return true;
    } catch (ConflictException e) {
      return false;
    } catch (UnknownOutcomeException e) {
      OptionalLong outcome = store.outcome(partition, id);
      if (outcome.isEmpty()) throw e;
      versions.raise(partition, outcome.getAsLong());
      return true;
    }
  }
}
