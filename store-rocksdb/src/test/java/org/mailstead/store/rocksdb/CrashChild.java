package org.mailstead.store.rocksdb;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.mailstead.base.RefusedException;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store.StoredRow;
import org.mailstead.store.TestClock;
import org.mailstead.store.WriteBatch;

/// The process that crash tests kill: commits to three ledgers from several threads, sweeps, drops
/// and loads meanwhile, and prints `A <partition> <version>` after each commit.
///
/// Arguments: folder, seed, threads, commits per thread (0: for ever), step to halt at or `-`, the
/// how many-th time.
final class CrashChild {
  static final int PARTITION_COUNT = 3;
  static final int SEGMENT_BYTES = 1 << 18;

  private CrashChild() {}

  static RocksSettings settings(Path folder) {
    return new RocksSettings(folder, RocksSettings.CACHE_BYTES_MIN, SEGMENT_BYTES);
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    int threadCount = Integer.parseInt(arguments[2]);
    int commitCount = Integer.parseInt(arguments[3]);
    String haltAt = arguments[4];
    AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[5]));
    Step.Listener steps =
        step -> {
          if (step.name().equals(haltAt) && left.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(137);
          }
        };
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    TestClock clock = new TestClock();
    try (RocksStore store = RocksStore.open(settings(folder), clock, new Random(seed), steps)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < threadCount; t++) {
        Random random = new Random(seed * 100 + t);
        threads.add(Thread.ofVirtual().start(() -> commit(store, random, commitCount, out)));
      }
      if (commitCount == 0) maintain(store, clock, new Random(seed));
      for (Thread thread : threads) thread.join();
    }
  }

  private static void commit(RocksStore store, Random random, int count, PrintStream out) {
    for (int i = 0; count == 0 || i < count; i++) {
      PartitionId partition = Ledger.partition(random.nextInt(PARTITION_COUNT));
      try {
        long version = store.version(partition);
        Ledger.commit(store, partition, version, random);
        out.println("A " + partition + " " + (version + 1));
      } catch (ConflictException e) {
        // Another thread was first; what was put stays without a reference.
      }
    }
  }

  /// Everything else that writes.
  private static void maintain(RocksStore store, TestClock clock, Random random) {
    Collection rows = new Collection(1, "rows");
    while (true) {
      clock.advance(Duration.ofHours(25));
      var _ = store.blobs().sweep();
      PartitionId passing = new PartitionId("passing/" + random.nextInt(2));
      store.drop(passing);
      byte[] value = new byte[2000];
      List<StoredRow> loaded = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        loaded.add(new StoredRow(rows, new byte[] {1, (byte) i}, value, i % 2 == 0));
      }
      store.load(passing, 200, loaded.iterator());
      WriteBatch batch = new WriteBatch().put(rows, new byte[] {1}, value);
      store.commit(passing, 200, CommitId.random(random), batch);
      try {
        store.blobs().hold(passing, new org.mailstead.store.BlobId(1, 1));
      } catch (RefusedException e) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
