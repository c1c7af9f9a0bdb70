package org.mailstead.core.audit;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.Versions;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// What the audit costs (docs/benchmarks.md): synced commits of a directory row with and without
/// their record, until every record stands in the chain. A program, not a test; the argument is an
/// empty folder on the disk to be measured.
public final class AuditMeasurement {
  private static final Collection ROWS = new Collection(1, "rows");
  private static final long MEASURED_NANOS = 5_000_000_000L;
  private static final int THREADS = 8;
  private static final int ROW_BYTES = 600;

  private AuditMeasurement() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    SecureRandom random = new SecureRandom();
    InstantSource clock = InstantSource.system();
    try (RocksStore store =
        RocksStore.open(RocksSettings.in(folder.resolve("data")), clock, random)) {
      Outbox outbox = new Outbox(new Commits(store, new Versions(store), random));
      new AuditLog(outbox, clock, random);
      for (int round = 0; round < 3; round++) {
        measure("without audit", outbox, clock, false);
        measure("with audit", outbox, clock, true);
      }
    }
  }

  private static void measure(String name, Outbox outbox, InstantSource clock, boolean audited)
      throws Exception {
    AtomicLong count = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    long cpu = cpuNanos();
    long start = System.nanoTime();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      PartitionId partition = new PartitionId("directory/" + t);
      tasks.add(() -> {
        byte[] row = new byte[ROW_BYTES];
        for (int i = 0; System.nanoTime() - start < MEASURED_NANOS; i++) {
          byte[] key = ("user" + i % 1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
          outbox.change(
              partition,
              change -> {
                change.put(ROWS, key, row);
                if (audited) AuditLog.add(change, new AuditLog.Scope("m-1"), entry(clock));
                return true;
              });
          count.incrementAndGet();
        }
        return true;
      });
    }
    Thread jobs =
        Thread.ofPlatform()
            .start(() -> {
              while (!over.get()) {
                outbox.runOnce();
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000_000L);
              }
            });
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> each : executor.invokeAll(tasks)) each.get();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    over.set(true);
    jobs.join();
    outbox.runOnce();
    System.out.printf(
        "%-14s %8.0f commits/s %7.1f us CPU each%n",
        name, count.get() / seconds, (cpuNanos() - cpu) / 1e3 / count.get());
  }

  private static AuditEntry entry(InstantSource clock) {
    return new AuditEntry(
        AuditIdentity.service("000000000000"),
        clock.instant(),
        AuditEntry.WORKMAIL_SOURCE,
        "UpdateUser",
        "eu-west-1",
        "192.0.2.1",
        "aws-cli/2.9.19 Python/3.11.2",
        Optional.of("{\"organizationId\":\"m-1\",\"userId\":\"u-1\",\"department\":\"Sales\"}"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        UUID.randomUUID().toString(),
        UUID.randomUUID().toString());
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
