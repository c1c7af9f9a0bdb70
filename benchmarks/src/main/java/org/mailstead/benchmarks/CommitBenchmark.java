package org.mailstead.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.WriteBatch;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// Synced commits of one row of 1,000 octets to the embedded store, each thread to a partition of
/// its own.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class CommitBenchmark {
  private static final Collection ROWS = new Collection(1, "rows");

  private Path folder = Path.of("");
  private RocksStore store;

  /// What one thread works on.
  @State(Scope.Thread)
  public static class Writer {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PartitionId partition = new PartitionId("bench/" + NUMBER.incrementAndGet());
    private final byte[] value = new byte[1000];
    private final SecureRandom random = new SecureRandom();
    private long version;
  }

  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory("commit-benchmark");
    store = RocksStore.open(RocksSettings.in(folder), InstantSource.system(), new SecureRandom());
  }

  @Benchmark
  @Threads(1)
  public long oneThread(Writer writer) {
    return commit(writer);
  }

  @Benchmark
  @Threads(8)
  public long eightThreads(Writer writer) {
    return commit(writer);
  }

  private long commit(Writer writer) {
    byte[] key = ByteBuffer.allocate(8).putLong(writer.version % 10_000).array();
    writer.version =
        store.commit(
            writer.partition,
            store.version(writer.partition),
            CommitId.random(writer.random),
            new WriteBatch().put(ROWS, key, writer.value));
    return writer.version;
  }

  @TearDown
  public void close() throws IOException {
    store.close();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    }
  }
}
