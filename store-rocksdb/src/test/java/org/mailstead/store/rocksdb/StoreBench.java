package org.mailstead.store.rocksdb;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.mailstead.base.Content;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.WriteBatch;

/// Measures the store for a few seconds each: `StoreBench <folder> [seconds]`. Virtual threads, as
/// in the server. CPU is of the whole process. Not a test; run it with the test class path.
final class StoreBench {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final Collection VALUES = new Collection(2, "values");
  private static final int BLOB_BYTES = 75_000;

  private final RocksStore store;
  private final double seconds;
  private final byte[] content = new byte[BLOB_BYTES];

  private StoreBench(RocksStore store, double seconds) {
    this.store = store;
    this.seconds = seconds;
    new Random(1).nextBytes(content);
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 4;
    Files.createDirectories(folder);
    Path data = Files.createTempDirectory(folder, "bench");
    RocksSettings settings = RocksSettings.in(data);
    try (RocksStore store = RocksStore.open(settings, InstantSource.system(), new Random())) {
      System.out.printf("open, RSS %d MiB%n", rssMebibytes());
      StoreBench bench = new StoreBench(store, seconds);
      bench.run("warm-up", 8, bench::commitRow);
      for (int threads : new int[] {1, 8, 32}) {
        bench.run("commit, 1 row of 1 KB", threads, bench::commitRow);
      }
      for (int threads : new int[] {1, 8}) {
        bench.run("blob put of 75 KB", threads, bench::putBlob);
      }
      for (int threads : new int[] {1, 8}) {
        bench.run("blob put of 75 KB and commit", threads, bench::putBlobAndCommit);
      }
      for (int size : new int[] {2, 4, 8, 16, 32}) {
        for (int threads : new int[] {1, 8}) {
          bench.run(size + " KB in the commit", threads, bench.commitOnce(size << 10));
          bench.run(size + " KB as a blob", threads, bench.commitBlob(size << 10));
        }
      }
      List<BlobId> blobs = store.blobs().list(java.util.Optional.empty(), 2000);
      blobs = blobs.stream().filter(b -> store.blobs().find(b).orElse(0L) == BLOB_BYTES).toList();
      for (int threads : new int[] {1, 8}) {
        bench.run("read of 75 KB", threads, bench.reading(blobs));
      }
      for (int threads : new int[] {1, 8}) {
        bench.run("get of 1 KB row", threads, bench::get);
      }
      System.out.printf("end, RSS %d MiB%n", rssMebibytes());
    }
  }

  @FunctionalInterface
  private interface Work {
    void run(int thread, long i, Random random);
  }

  private void run(String name, int threads, Work work) throws Exception {
    AtomicLong count = new AtomicLong();
    long cpu = cpuNanos();
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    List<long[]> latencies = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<long[]>> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        all.add(
            executor.submit(() -> {
              Random random = new Random(thread);
              long[] took = new long[1 << 16];
              int n = 0;
              for (long now = System.nanoTime(); now < end; ) {
                work.run(thread, n, random);
                long then = System.nanoTime();
                took[n++ & 0xFFFF] = then - now;
                now = then;
                count.incrementAndGet();
              }
              return Arrays.copyOf(took, Math.min(n, took.length));
            }));
      }
      for (Future<long[]> one : all) latencies.add(one.get());
    }
    double took = (System.nanoTime() - start) / 1e9;
    long[] sorted = latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    System.out.printf(
        "%-32s %3d threads: %8.0f/s  p50 %.3f ms  p99 %.3f ms  CPU %.3f ms each%n",
        name,
        threads,
        count.get() / took,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6,
        (cpuNanos() - cpu) / 1e6 / count.get());
  }

  private static PartitionId box(int thread) {
    return new PartitionId("mailbox/" + thread);
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[12];
    random.nextBytes(key);
    return key;
  }

  private void commit(int thread, WriteBatch batch, Random random) {
    PartitionId box = box(thread);
    store.commit(box, store.version(box), CommitId.random(random), batch);
  }

  private void commitRow(int thread, long i, Random random) {
    byte[] key = {1, (byte) (i >> 8), (byte) i};
    commit(thread, new WriteBatch().put(ROWS, key, Arrays.copyOf(content, 1000)), random);
  }

  private void get(int thread, long i, Random random) {
    byte[] key = {1, (byte) 0, (byte) i};
    var _ = store.get(box(0), ROWS, key).orElseThrow();
  }

  private BlobId put(int thread, int size, Random random) {
    BlobId blob = new BlobId(random.nextLong(), System.nanoTime());
    byte[] octets = size == content.length ? content : Arrays.copyOf(content, size);
    store.blobs().put(box(thread), List.of(new Blobs.NewBlob(blob, Content.of(octets))));
    return blob;
  }

  private void putBlob(int thread, long i, Random random) {
    var _ = put(thread, BLOB_BYTES, random);
  }

  private void putBlobAndCommit(int thread, long i, Random random) {
    var _ = put(thread, BLOB_BYTES, random);
    commitRow(thread, i, random);
  }

  private Work commitBlob(int size) {
    return (thread, i, random) -> {
      var _ = put(thread, size, random);
      commitRow(thread, i, random);
    };
  }

  private Work commitOnce(int size) {
    byte[] value = Arrays.copyOf(content, size);
    return (thread, i, random) -> {
      byte[] key = {1, (byte) (i >> 8), (byte) i};
      WriteBatch batch = new WriteBatch().put(ROWS, key, Arrays.copyOf(content, 1000));
      commit(thread, batch.putOnce(VALUES, key(random), value), random);
    };
  }

  private Work reading(List<BlobId> blobs) {
    return (thread, i, random) -> {
      byte[] octets = store.blobs().read(blobs.get(random.nextInt(blobs.size())), 0, BLOB_BYTES);
      if (octets.length != BLOB_BYTES) throw new IllegalStateException("short");
    };
  }

  private static long cpuNanos() {
    var bean = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return ((com.sun.management.OperatingSystemMXBean) bean).getProcessCpuTime();
  }

  private static long rssMebibytes() throws java.io.IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
    return -1;
  }
}
