package org.mailstead.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.delivery.AuditDelivery;
import org.mailstead.core.delivery.DeliverySink;
import org.mailstead.core.delivery.DeliveryStatus;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.logs.LogDelivery;
import org.mailstead.core.logs.WorkMailLogs;
import org.mailstead.http.aws.Bucket;
import org.mailstead.http.aws.FolderBucket;
import org.mailstead.http.aws.ObjectKey;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// Delivery of the audit log and of WorkMail's own logs, to a bucket or a folder, as the settings
/// `delivery.…` say; without either nothing is delivered.
final class Deliveries {
  private final Duration period;
  private final Optional<AuditDelivery> audit;
  private final Optional<LogDelivery> logs;

  private Deliveries(Duration period, Optional<AuditDelivery> audit, Optional<LogDelivery> logs) {
    this.period = period;
    this.audit = audit;
    this.logs = logs;
  }

  static Deliveries of(Settings settings, Domain domain, WorkMailLogs logs) {
    long minutes = settings.number("delivery.minutes");
    if (minutes < 1 || minutes > 1_440) {
      throw new SettingsException("delivery.minutes: 1 to 1440");
    }
    Duration period = Duration.ofMinutes(minutes);
    Optional<DeliverySink> sink = bucket(settings, domain).map(Deliveries::sink);
    String region = settings.text("server.region");
    return new Deliveries(
        period,
        sink.map(to -> new AuditDelivery(domain.directory().audit(), to, region, domain.clock())),
        sink.map(to ->
            new LogDelivery(
                logs,
                to,
                id -> organization(domain, id).map(o -> o.account().value()).orElse("unknown"),
                region,
                period,
                domain.clock())));
  }

  static Optional<Organization> organization(Domain domain, OrganizationId id) {
    try {
      return Optional.of(domain.directory().organizations().load(id));
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  private static DeliverySink sink(Bucket bucket) {
    return (key, content) -> bucket.put(new ObjectKey(key), content);
  }

  private static Optional<Bucket> bucket(Settings settings, Domain domain) {
    String folder = settings.text("delivery.folder");
    String name = settings.text("delivery.bucket");
    if (!folder.isEmpty() && !name.isEmpty()) {
      throw new SettingsException("delivery.folder and delivery.bucket: one of them, not both");
    }
    if (!folder.isEmpty()) return Optional.of(new FolderBucket(Path.of(folder)));
    if (name.isEmpty()) return Optional.empty();
    try {
      return Optional.of(domain.buckets().bucket(name));
    } catch (RefusedException e) {
      throw new SettingsException("delivery.bucket: " + e.logText());
    }
  }

  void start(Jobs jobs, Domain domain, WorkMailLogs own) {
    jobs.every(Duration.ofMinutes(5), "audit marks", () -> domain.directory().audit().markEnds());
    audit.ifPresent(delivery -> jobs.every(period, "audit delivery", delivery::runOnce));
    logs.ifPresent(delivery -> jobs.every(period, "log delivery", delivery::runOnce));
    jobs.every(
        Duration.ofHours(1),
        "log retention",
        () -> own.tidy(domain.clock().instant().minus(Duration.ofDays(1))));
  }

  /// How far each is, for the operator.
  Map<String, Object> status(WorkMailLogs own) {
    Map<String, Object> all = new LinkedHashMap<>();
    audit.ifPresent(delivery -> all.put("audit", shown(delivery.status())));
    logs.ifPresent(delivery -> all.put("logs", shown(delivery.status())));
    all.put("droppedLogRecords", own.droppedCount());
    return all;
  }

  private static Map<String, Object> shown(DeliveryStatus status) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("delivered", status.delivered());
    all.put("waiting", status.waiting());
    status.oldestWaiting().ifPresent(time -> all.put("oldestWaiting", time.toString()));
    status.succeeded().ifPresent(time -> all.put("succeeded", time.toString()));
    status.failure().ifPresent(text -> all.put("failure", text));
    return all;
  }
}
