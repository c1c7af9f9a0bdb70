package org.mailstead.store;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.mailstead.base.UnavailableException;

/// Decides which call of a [FailingStore] fails, and how. Calls of the chosen kinds are counted
/// from 1, over the store and its blobs together. Thread-safe.
public final class FaultPlan {
  /// The calls that can fail.
  public enum Call {
    VERSION,
    GET,
    RANGE,
    COMMIT,
    OUTCOME,
    PARTITIONS,
    DROP,
    SCAN,
    LOAD,
    BLOB_PUT,
    BLOB_HOLD,
    BLOB_RELEASE,
    BLOB_FIND,
    BLOB_READ,
    BLOB_HOLDERS;

    /// The calls that change something.
    public static Set<Call> changes() {
      return EnumSet.of(COMMIT, DROP, LOAD, BLOB_PUT, BLOB_HOLD, BLOB_RELEASE);
    }
  }

  /// How a call fails.
  public enum Fault {
    /// UnavailableException; nothing happened.
    UNAVAILABLE_BEFORE,
    /// The call took effect, then UnavailableException: only for calls that are not commits, whose
    /// answer would be a lie.
    UNAVAILABLE_AFTER,
    /// UnknownOutcomeException; nothing happened.
    UNKNOWN_BEFORE,
    /// UnknownOutcomeException; the call took effect.
    UNKNOWN_AFTER
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger count = new AtomicInteger();
  private Set<Call> calls = EnumSet.noneOf(Call.class);
  private Fault fault = Fault.UNAVAILABLE_BEFORE;
  private int firstFailing = Integer.MAX_VALUE;
  private int failures;

  /// From now on the n-th call (from 1) of these kinds fails; all kinds if none is named.
  public FaultPlan failNth(int n, Fault how, Call... kinds) {
    return fail(n, 1, how, kinds);
  }

  /// From now on, calls n to n + count - 1 of these kinds fail.
  public FaultPlan fail(int n, int failureCount, Fault how, Call... kinds) {
    lock.lock();
    try {
      calls = kinds.length == 0 ? EnumSet.allOf(Call.class) : EnumSet.copyOf(Arrays.asList(kinds));
      fault = how;
      firstFailing = n;
      failures = failureCount;
      count.set(0);
      return this;
    } finally {
      lock.unlock();
    }
  }

  /// From now on nothing fails; calls are still counted.
  public void heal() {
    lock.lock();
    try {
      firstFailing = Integer.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  /// Calls of the chosen kinds since the plan was made: less than n means that the fault never
  /// came.
  public int callCount() {
    return count.get();
  }

  /// How this call is to fail; empty: it is not.
  private Optional<Fault> next(Call call) {
    lock.lock();
    try {
      if (!calls.contains(call)) return Optional.empty();
      int n = count.incrementAndGet();
      return n < firstFailing || n - firstFailing >= failures
          ? Optional.empty()
          : Optional.of(fault);
    } finally {
      lock.unlock();
    }
  }

  <T> T run(Call call, PartitionId partition, Supplier<T> inner) {
    Optional<Fault> next = next(call);
    if (next.isEmpty()) return inner.get();
    Fault how = next.get();
    switch (how) {
      case UNAVAILABLE_BEFORE, UNKNOWN_BEFORE -> {}
      case UNAVAILABLE_AFTER -> {
        if (call == Call.COMMIT) {
          throw new IllegalArgumentException("a commit that took effect is never UNAVAILABLE");
        }
        var _ = inner.get();
      }
      case UNKNOWN_AFTER -> {
        var _ = inner.get();
      }
    }
    throw switch (how) {
      case UNAVAILABLE_BEFORE, UNAVAILABLE_AFTER -> unavailable(call);
      case UNKNOWN_BEFORE, UNKNOWN_AFTER ->
          call == Call.COMMIT
              ? new UnknownOutcomeException(partition, new RuntimeException("planned fault"))
              : unavailable(call);
    };
  }

  private static UnavailableException unavailable(Call call) {
    return new UnavailableException("planned fault in " + call, Duration.ofSeconds(1));
  }
}
