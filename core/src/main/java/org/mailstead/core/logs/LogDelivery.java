package org.mailstead.core.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.delivery.DeliverySink;
import org.mailstead.core.delivery.DeliveryStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers log files that have ended, gzipped, beside the audit log's:
/// `AWSLogs/<account>/WorkMailLogs/<region>/<organization>/<group>/YYYY/MM/DD/<file>.jsonl.gz`. A
/// file is renamed after it is stored, so that a crash between the two repeats it under its name.
public final class LogDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(LogDelivery.class);

  private final WorkMailLogs logs;
  private final DeliverySink sink;
  private final Function<OrganizationId, String> accounts;
  private final String region;
  private final Duration fileAge;
  private final InstantSource clock;
  private volatile DeliveryStatus status = DeliveryStatus.none();

  /// @param accounts of organizations
  /// @param fileAge a file that was begun so long ago is ended to be delivered
  public LogDelivery(
      WorkMailLogs logs,
      DeliverySink sink,
      Function<OrganizationId, String> accounts,
      String region,
      Duration fileAge,
      InstantSource clock) {
    this.logs = logs;
    this.sink = sink;
    this.accounts = accounts;
    this.region = region;
    this.fileAge = fileAge;
    this.clock = clock;
  }

  /// Delivers what has ended; stops at the first failure until the next run.
  public synchronized void runOnce() {
    logs.tidy(clock.instant().minus(fileAge));
    long delivered = status.delivered();
    long waiting = 0;
    Optional<Instant> oldest = Optional.empty();
    Optional<String> failure = Optional.empty();
    try {
      for (LogFiles.Ended file : logs.files().ended()) {
        if (file.isDelivered()) continue;
        if (failure.isEmpty()) failure = deliver(file);
        if (failure.isEmpty()) {
          delivered++;
          continue;
        }
        waiting++;
        if (oldest.isEmpty()) {
          oldest = Optional.of(file.day().atStartOfDay(ZoneOffset.UTC).toInstant());
        }
      }
    } catch (IOException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
    failure.ifPresent(text -> LOG.warn("delivery of logs: {}", text));
    status =
        new DeliveryStatus(
            delivered,
            waiting,
            oldest,
            failure.isEmpty() ? Optional.of(clock.instant()) : status.succeeded(),
            failure);
  }

  public DeliveryStatus status() {
    return status;
  }

  /// @return why it failed
  private Optional<String> deliver(LogFiles.Ended file) throws IOException {
    String name = file.path().getFileName().toString();
    LocalDate day = file.day();
    String key =
        "AWSLogs/%s/WorkMailLogs/%s/%s/%s/%04d/%02d/%02d/%s.gz"
            .formatted(
                accounts.apply(file.organization()),
                region,
                file.organization().value(),
                file.group(),
                day.getYear(),
                day.getMonthValue(),
                day.getDayOfMonth(),
                name);
    try {
      sink.put(key, gzipped(file.path()));
    } catch (RefusedException e) {
      return Optional.of(e.publicText());
    } catch (UnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    String plain = name.substring(0, name.length() - LogFiles.SUFFIX.length());
    Files.move(file.path(), file.path().resolveSibling(plain + LogFiles.DELIVERED));
    return Optional.empty();
  }

  private static byte[] gzipped(Path file) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      Files.copy(file, out);
    }
    return bytes.toByteArray();
  }
}
