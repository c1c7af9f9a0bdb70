package org.mailstead.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.reports.ReportFigures;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.server.control.ControlServer;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.tls.TlsMaterial;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The running service: domain, listeners, jobs and control socket, started bottom up and ended in
/// reverse.
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  private final DataFolder data;
  private final Settings settings;
  private final Domain domain;
  private final TlsMaterial tls;
  private final Listeners listeners;
  private final Jobs jobs = new Jobs();
  private final ControlServer control;
  private final Deliveries deliveries;
  private final Optional<FirstRun.Secrets> secrets;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Service(
      DataFolder data, Settings settings, Domain domain, Optional<FirstRun.Secrets> secrets)
      throws IOException {
    this.data = data;
    this.settings = settings;
    this.domain = domain;
    this.secrets = secrets;
    this.tls =
        TlsMaterial.open(
            data.tls(),
            path("tls.certificate"),
            path("tls.key"),
            settings.text("server.hostname"),
            domain.clock().instant());
    this.listeners = Listeners.open(data, settings, domain, tls);
    try {
      this.deliveries = Deliveries.of(settings, domain, listeners.logs());
      this.control =
          new ControlServer(
              data.root(),
              new OperatorWords(
                      domain,
                      settings,
                      new QueueWords(domain, listeners.sendingLimits()),
                      new TraceWords(domain),
                      () -> deliveryStatus())
                  .words());
    } catch (IOException | RuntimeException e) {
      listeners.close();
      throw e;
    }
    startJobs();
  }

  /// Starts everything; each listener answers when this returns, and then the ready file is there.
  ///
  /// @throws org.mailstead.base.RefusedException port in use, folder in use or from a newer
  ///   version, key file missing: one line
  public static Service start(DataFolder data, Settings settings, Optional<Path> readyFile)
      throws IOException {
    LogSetup.apply(settings.text("server.log-level"));
    if (data.isRestoring()) {
      throw new IOException(
          "a restore into " + data.root() + " was interrupted: run `mailstead restore` again");
    }
    data.create();
    emptySpool(data);
    Domain domain = Domain.open(data, settings);
    Service service;
    try {
      domain.directory().resume();
      Optional<FirstRun.Secrets> secrets = FirstRun.prepare(domain, FirstRun.ALIAS);
      domain.queue().recover();
      domain.exports().resume();
      service = new Service(data, settings, domain, secrets);
    } catch (IOException | RuntimeException e) {
      domain.close();
      throw e;
    }
    try {
      if (readyFile.isPresent()) ReadyFile.write(readyFile.get(), service.description());
    } catch (IOException e) {
      service.close();
      throw new IOException("cannot write the ready file " + readyFile.get() + ": " + e, e);
    }
    service.greet();
    return service;
  }

  /// What the ready file says.
  Map<String, Object> description() {
    Organization organization = FirstRun.organization(domain);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("organizationId", organization.id().value());
    all.put("alias", organization.alias());
    all.put("testDomain", organization.testDomain());
    Map<String, String> endpoints = new LinkedHashMap<>();
    listeners.endpoints().forEach((name, address) -> endpoints.put(name, text(address)));
    all.put("endpoints", endpoints);
    all.put("caCertificate", tls.caCertificate().toAbsolutePath().toString());
    all.put("region", settings.text("server.region"));
    secrets.ifPresent(s -> {
      all.put("accessKeyId", s.accessKeyId());
      all.put("secretAccessKey", s.secretAccessKey());
      all.put("adminAddress", s.adminAddress());
      all.put("adminPassword", s.adminPassword());
    });
    return all;
  }

  /// Where a listener listens.
  InetSocketAddress endpoint(String name) {
    InetSocketAddress address = listeners.endpoints().get(name);
    if (address == null) throw new IllegalStateException("no listener " + name);
    return address;
  }

  private void greet() {
    long rootKeys = FirstRun.rootKeys(domain);
    if (rootKeys > 0) {
      LOG.warn(
          "{} access key(s) of the account's root may do everything: make administrators with"
              + " policies of their own (mailstead workmail create-administrator) and delete them",
          rootKeys);
    }
    Organization organization = FirstRun.organization(domain);
    System.out.println("Mailstead is running on " + data.root());
    System.out.println(
        "  organization    " + organization.id().value() + " (" + organization.alias() + ")");
    System.out.println("  test domain     " + organization.testDomain());
    new java.util.TreeMap<>(listeners.endpoints())
        .forEach((name, address) -> System.out.printf("  %-15s %s%n", name, text(address)));
    System.out.println("  trust           " + tls.caCertificate());
    secrets.ifPresent(s -> s.print(System.out));
    System.out.flush();
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private Map<String, Object> deliveryStatus() {
    return deliveries.status(listeners.logs());
  }

  private void startJobs() {
    deliveries.start(jobs, domain, listeners.logs());
    jobs.every(Duration.ofMillis(200), "outbox", () -> domain.directory().outbox().runOnce());
    jobs.every(Duration.ofHours(1), "retention", () -> domain.directory().retention().runOnce());
    jobs.every(Duration.ofHours(6), "retention policies", domain.retentionPolicies()::runOnce);
    jobs.every(
        Duration.ofMinutes(1),
        "health",
        () -> domain.directory().health().runOnce(domain.healthProbes()));
    jobs.every(Duration.ofMinutes(1), "domains", domain.domainChecks()::runDue);
    jobs.every(Duration.ofSeconds(5), "report counts", listeners::flushReports);
    jobs.every(Duration.ofMinutes(20), "reports", listeners::sendReports);
    jobs.every(Duration.ofHours(6), "report figures", this::forgetOldFigures);
    jobs.every(Duration.ofHours(1), "purge", () -> domain.mailboxes().purge());
    jobs.every(Duration.ofHours(6), "counts", this::forgetOldCounts);
    jobs.every(Duration.ofHours(6), "strays", () -> domain.queue().releaseStrayHolders());
    jobs.every(Duration.ofHours(1), "flow", () -> domain.flow().sweep());
    jobs.every(Duration.ofHours(6), "flow-strays", () -> domain.flow().releaseStrayHolders());
    jobs.every(Duration.ofHours(1), "trace", () -> domain.trace().prune());
    jobs.every(Duration.ofHours(1), "spam", () -> domain.spam().models().sweep());
    jobs.every(Duration.ofHours(1), "sweep", () -> domain.store().blobs().sweep());
    jobs.every(
        Duration.ofMinutes(1), "directories", () -> domain.synchronization().synchronizeDue());
    jobs.every(
        Duration.ofSeconds(30),
        "certificate",
        () -> {
          if (tls.reloadIfChanged()) listeners.reloadTls();
        });
  }

  /// Counts of recipients of the last week stay for whoever looks into a store.
  private void forgetOldCounts() {
    domain.queue().forgetCounted(CountedRecipients.dayOf(domain.clock().instant()) - 7);
  }

  private void forgetOldFigures() {
    new ReportFigures(domain.directory(), ReportLimits.standard())
        .sweep(CountedRecipients.dayOf(domain.clock().instant()));
  }

  private Optional<Path> path(String key) {
    String text = settings.text(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
  }

  /// What lies in the spool belongs to connections of a run that is over.
  private static void emptySpool(DataFolder data) throws IOException {
    try (Stream<Path> files = Files.walk(data.spool())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(data.spool())) Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) return;
    LOG.info("ending");
    try {
      control.close();
    } catch (IOException e) {
      LOG.warn("control socket: {}", e.getMessage());
    }
    listeners.close();
    jobs.close();
    domain.close();
    LOG.info("ended");
  }
}
