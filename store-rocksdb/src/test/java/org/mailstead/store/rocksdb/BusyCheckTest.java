package org.mailstead.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// The check finds nothing wrong beside writers, sweeps and compactions of small segments.
final class BusyCheckTest {
  private static final int QUIET = 3;
  private static final int BUSY = 3;

  @TempDir Path folder;

  @Test
  void aStoreInUseIsCheckedWithoutFalseFindings() throws Exception {
    TestClock clock = new TestClock();
    AtomicInteger segmentsDeleted = new AtomicInteger();
    Step.Listener steps =
        step -> {
          if (step == Step.SEGMENT_DELETED) segmentsDeleted.incrementAndGet();
        };
    try (RocksStore store =
        RocksStore.open(CrashChild.settings(folder.resolve("data")), clock, new Random(1), steps)) {
      for (int n = 0; n < QUIET; n++) {
        Random random = new Random(n);
        for (int i = 0; i < 60; i++) Ledger.commit(store, Ledger.partition(n), i, random);
      }
      AtomicBoolean stop = new AtomicBoolean();
      List<StoreCheck.Result> results = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> others = new ArrayList<>();
        for (int n = QUIET; n < QUIET + BUSY; n++) {
          int number = n;
          others.add(
              threads.submit(() -> {
                Random random = new Random(number);
                for (int i = 0; !stop.get(); i++) {
                  Ledger.commit(store, Ledger.partition(number), i, random);
                  // Some are never still, some now and then.
                  LockSupport.parkNanos((number - QUIET) * 20_000_000L);
                }
              }));
        }
        others.add(
            threads.submit(() -> {
              while (!stop.get()) {
                clock.advance(Duration.ofHours(25));
                var _ = store.blobs().sweep();
                LockSupport.parkNanos(2_000_000);
              }
            }));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
        while (results.size() < 3 || (segmentsDeleted.get() < 5 && System.nanoTime() - end < 0)) {
          results.add(new StoreCheck(store, List.of(new Ledger())).run());
        }
        stop.set(true);
        for (Future<?> other : others) other.get(30, TimeUnit.SECONDS);
      }
      for (StoreCheck.Result result : results) {
        assertThat(result.errors()).isEmpty();
        assertThat(result.partitionCount()).isGreaterThanOrEqualTo(QUIET);
      }
      assertThat(segmentsDeleted).hasValueGreaterThanOrEqualTo(5);
      StoreCheck.Result still = new StoreCheck(store, List.of(new Ledger())).run();
      assertThat(still.errors()).isEmpty();
      assertThat(still.warnings()).isEmpty();
      assertThat(still.partitionCount()).isEqualTo(QUIET + BUSY);
    }
  }
}
