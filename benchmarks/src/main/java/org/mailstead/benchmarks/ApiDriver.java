package org.mailstead.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.DirectorySettings;
import org.mailstead.core.directory.MailboxProvider;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.Passwords;
import org.mailstead.core.directory.UserRole;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.http.HttpLimits;
import org.mailstead.http.HttpListener;
import org.mailstead.http.HttpServer;
import org.mailstead.http.HttpSettings;
import org.mailstead.http.Routes;
import org.mailstead.http.aws.Credentials;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;
import org.mailstead.workmail.client.Endpoint;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.server.WorkMailApi;
import org.mailstead.workmail.server.WorkMailSettings;
import org.mailstead.workmail.wire.ApiLimits;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The WorkMail API over HTTP on the embedded store, synced, server and client in one process:
/// pages of ListUsers, calls of DescribeUser, and what the audit record costs a write.
///
/// Arguments: how many users (100000), seconds of each measurement (10), folder for the store.
public final class ApiDriver {
  private static final int CLIENTS = 16;

  private final Directory directory;
  private final AccountId account;
  private final OrganizationId organization;
  private final AtomicInteger events = new AtomicInteger();

  private ApiDriver(Directory directory) {
    this.directory = directory;
    account = directory.accounts().createAccount();
    organization =
        directory
            .organizations()
            .create(change("CreateOrganization"), account, NewOrganization.of("bench"))
            .id();
  }

  public static void main(String[] args) throws Exception {
    int users = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    Path parent =
        args.length > 2 ? Path.of(args[2]) : Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = Files.createTempDirectory(parent, "api-driver");
    var random = new SecureRandom();
    try (var store = RocksStore.open(RocksSettings.in(folder), InstantSource.system(), random);
        var passwords = new Passwords(Passwords.Cost.standard(), random);
        var directory =
            new Directory(
                store,
                new OrganizationKeys(
                    store,
                    LocalKeyService.open(folder.resolve("master.key"), store, random),
                    random),
                new NoMailboxes(),
                passwords,
                new DirectorySettings(
                    "mail.test",
                    "us-east-1",
                    Set.of(),
                    DirectoryLimits.standard().withUsersPerOrganization(1_000_000)),
                InstantSource.system(),
                random)) {
      new ApiDriver(directory).run(users, seconds, random);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    }
  }

  private void run(int users, int seconds, SecureRandom random) throws Exception {
    byte[] tokenKey = new byte[32];
    random.nextBytes(tokenKey);
    var api =
        new WorkMailApi(
            directory,
            new WorkMailSettings("us-east-1", Optional.empty()),
            InstantSource.system(),
            random,
            tokenKey);
    var jobs = Executors.newSingleThreadScheduledExecutor();
    jobs.scheduleWithFixedDelay(
        () -> directory.outbox().runOnce(), 100, 100, java.util.concurrent.TimeUnit.MILLISECONDS);
    List<String> ids = fill(users);
    try (var server =
        new HttpServer(
            new HttpSettings(
                List.of(new HttpListener("api", InetAddress.getLoopbackAddress(), 0, false)),
                HttpLimits.STANDARD),
            Routes.health().exact("/", ApiLimits.BODY_BYTES_MAX, api),
            Optional.empty())) {
      server.start();
      AccessKey.WithSecret key =
          directory.accounts().createKey(change("CreateAccessKey"), account, Optional.empty());
      var endpoint =
          new Endpoint(
              URI.create("http://127.0.0.1:" + server.port("api")), "us-east-1", Optional.empty());
      var credentials = new Credentials(key.key().id(), key.secret());
      pages(endpoint, credentials, "first pass");
      pages(endpoint, credentials, "second pass");
      describe(endpoint, credentials, ids, seconds, "warm-up");
      describe(endpoint, credentials, ids, seconds, "measured");
    }
    for (int i = 0; i < 3; i++) {
      Figures without = writes(seconds, false);
      Figures with = writes(seconds, true);
      print(
          "smallest write: %.0f/s and %.0f µs CPU without audit, %.0f/s and %.0f µs with",
          without.perSecond, without.cpuMicros, with.perSecond, with.cpuMicros);
    }
    jobs.shutdown();
    jobs.awaitTermination(10, java.util.concurrent.TimeUnit.SECONDS);
  }

  /// Users without passwords: hashing is not what is measured.
  private List<String> fill(int users) throws Exception {
    long cpu = cpuNanos();
    long start = System.nanoTime();
    List<String> ids = java.util.Collections.synchronizedList(new ArrayList<>());
    inParallel(
        64,
        worker -> {
          for (int i = worker; i < users; i += 64) {
            ids.add(
                directory
                    .users()
                    .create(
                        change("CreateUser"),
                        organization,
                        new NewUser(
                            "user%06d".formatted(i),
                            "User " + i,
                            Optional.empty(),
                            UserRole.USER,
                            false,
                            Map.of()))
                    .value());
          }
        });
    print(
        "fill: %d users, %.0f/s, %.0f µs CPU each",
        users, users / seconds(start), (cpuNanos() - cpu) / 1e3 / users);
    return ids;
  }

  private void pages(Endpoint endpoint, Credentials credentials, String what) throws IOException {
    List<Double> millis = new ArrayList<>();
    int found = 0;
    try (var client = new WorkMailClient(endpoint, credentials, InstantSource.system())) {
      ObjectNode input = JsonNodeFactory.instance.objectNode();
      input.put("OrganizationId", organization.value()).put("MaxResults", 100);
      while (true) {
        long start = System.nanoTime();
        ObjectNode page = client.call("ListUsers", input);
        millis.add(seconds(start) * 1000);
        found += page.path("Users").size();
        if (!page.has("NextToken")) break;
        input.put("NextToken", page.path("NextToken").asString());
      }
    }
    int tenth = Math.max(1, millis.size() / 10);
    print(
        "ListUsers, %s: %d users in %d pages; p50 %.2f ms, p99 %.2f ms, max %.2f; first tenth p50 %.2f, last tenth p50 %.2f",
        what,
        found,
        millis.size(),
        percentile(millis, 50),
        percentile(millis, 99),
        percentile(millis, 100),
        percentile(millis.subList(0, tenth), 50),
        percentile(millis.subList(millis.size() - tenth, millis.size()), 50));
  }

  private void describe(
      Endpoint endpoint, Credentials credentials, List<String> ids, int seconds, String what)
      throws Exception {
    var calls = new AtomicInteger();
    List<Double> millis = java.util.Collections.synchronizedList(new ArrayList<>());
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    long start = System.nanoTime();
    long cpu = cpuNanos();
    inParallel(
        CLIENTS,
        worker -> {
          try (var client = new WorkMailClient(endpoint, credentials, InstantSource.system())) {
            ObjectNode input = JsonNodeFactory.instance.objectNode();
            input.put("OrganizationId", organization.value());
            for (int i = worker; System.nanoTime() < end; i += 7919) {
              input.put("UserId", ids.get(i % ids.size()));
              long began = System.nanoTime();
              client.call("DescribeUser", input);
              millis.add(seconds(began) * 1000);
              calls.incrementAndGet();
            }
          }
        });
    print(
        "DescribeUser, %s, %d clients: %.0f/s, p50 %.2f ms, p99 %.2f ms; CPU of server and client %.0f µs a call",
        what,
        CLIENTS,
        calls.get() / seconds(start),
        percentile(millis, 50),
        percentile(millis, 99),
        (cpuNanos() - cpu) / 1e3 / calls.get());
  }

  /// The same write to small records of organizations, with and without an audit record, each
  /// thread in an organization of its own; with it, until the last record is chained.
  private Figures writes(int seconds, boolean audited) throws Exception {
    List<OrganizationId> organizations = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      organizations.add(
          directory
              .organizations()
              .create(
                  change("CreateOrganization"),
                  account,
                  NewOrganization.of("bench" + events.incrementAndGet()))
              .id());
    }
    var calls = new AtomicInteger();
    byte[] value = new byte[200];
    Arrays.fill(value, (byte) 1);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    long end = start + Duration.ofSeconds(seconds).toNanos();
    inParallel(
        organizations.size(),
        worker -> {
          OrganizationId mine = organizations.get(worker);
          for (int i = 0; System.nanoTime() < end; i++) {
            String id = "record" + i % 100;
            if (audited) {
              directory.records().change(change("PutX"), mine, edit -> put(edit, id, value));
            } else {
              directory.records().changeUnasked(mine, edit -> put(edit, id, value));
            }
            calls.incrementAndGet();
          }
        });
    while (directory.outbox().runOnce() > 0) {
      // Until every record is chained.
    }
    return new Figures(calls.get() / seconds(start), (cpuNanos() - cpu) / 1e3 / calls.get());
  }

  /// @param cpuMicros of one write
  private record Figures(double perSecond, double cpuMicros) {}

  private static boolean put(
      org.mailstead.core.directory.OrganizationRecords.Edit edit, String id, byte[] value) {
    edit.put(Kind.TAG, id, value);
    return true;
  }

  private Change change(String operation) {
    int number = events.incrementAndGet();
    return new Change(
        new AuditEntry(
            AuditIdentity.root("000000000000", Optional.empty()),
            InstantSource.system().instant(),
            AuditEntry.WORKMAIL_SOURCE,
            operation,
            "us-east-1",
            "127.0.0.1",
            "api-driver",
            Optional.of("{\"organizationId\":\"m-00000000000000000000000000000000\"}"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "request-" + number,
            "event-" + number));
  }

  /// Nobody is enabled here.
  private static final class NoMailboxes implements MailboxProvider {
    @Override
    public void create(OrganizationId of, org.mailstead.base.MailboxId mailbox, long quotaBytes) {
      throw new IllegalStateException("nobody has a mailbox here");
    }

    @Override
    public void delete(org.mailstead.base.MailboxId mailbox) {
      throw new IllegalStateException("nobody has a mailbox here");
    }

    @Override
    public long usedBytes(org.mailstead.base.MailboxId mailbox) {
      return 0;
    }

    @Override
    public void updateQuota(org.mailstead.base.MailboxId mailbox, long quotaBytes) {
      throw new IllegalStateException("nobody has a mailbox here");
    }
  }

  /// What one of several threads does.
  @FunctionalInterface
  private interface Work {
    void of(int worker) throws Exception;
  }

  private static void inParallel(int workers, Work work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> running = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int worker = i;
        running.add(
            threads.submit(() -> {
              work.of(worker);
              return true;
            }));
      }
      for (Future<Boolean> each : running) each.get();
    }
  }

  private static double percentile(List<Double> values, int percent) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  /// Of this process: steadier than time where others work beside it.
  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void print(String format, Object... values) {
    System.out.println(format.formatted(values));
  }
}
