package org.mailstead.core.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.audit.AuditPosition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Delivers the audit log as gzipped files in CloudTrail's folder layout (JRN-2):
/// `AWSLogs/<account>/CloudTrail/<region>/YYYY/MM/DD/<account>_CloudTrail_<region>_<time>_<unique>.json.gz`,
/// each `{"Records":[…]}`.
///
/// Every record at least once: the position of each log is kept after its file is stored, so that a
/// crash between the two repeats the file. The repetition has the same name, which is made of the
/// first record, and therefore takes the place of the first attempt. Nothing piles up for delivery:
/// what waits is the log itself, and [#status] says how much of it.
///
/// @spec
///   https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
///   AWS CloudTrail: Log files
public final class AuditDelivery {
  /// Records of one file, and octets of their JSON.
  static final int FILE_RECORDS_MAX = 10_000;

  static final long FILE_BYTES_MAX = 8L << 20;

  /// Files of one log in one run, so that one busy organization does not keep the others waiting.
  static final int FILES_PER_RUN_MAX = 50;

  static final String MARK = "delivered";

  private static final Logger LOG = LoggerFactory.getLogger(AuditDelivery.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final DateTimeFormatter FOLDER =
      DateTimeFormatter.ofPattern("uuuu/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final AuditLog log;
  private final DeliverySink sink;
  private final String region;
  private final InstantSource clock;
  private volatile DeliveryStatus status = DeliveryStatus.none();

  public AuditDelivery(AuditLog log, DeliverySink sink, String region, InstantSource clock) {
    this.log = log;
    this.sink = sink;
    this.region = region;
    this.clock = clock;
  }

  /// Delivers what waits; about once in five minutes. Runs one at a time. A log that cannot be
  /// delivered does not stop the others.
  public synchronized void runOnce() {
    long delivered = status.delivered();
    long waiting = 0;
    Optional<Instant> oldest = Optional.empty();
    Optional<String> failure = Optional.empty();
    for (AuditLog.Scope scope : log.scopes()) {
      try {
        delivered += deliver(scope);
      } catch (RefusedException e) {
        failure = Optional.of(e.publicText());
      } catch (UnavailableException | UncheckedIOException e) {
        failure = Optional.of(String.valueOf(e.getMessage()));
      }
      Optional<AuditPosition> at = log.mark(scope, MARK);
      waiting += log.countAfter(scope, at);
      Optional<Instant> first =
          log.next(scope, at, 1, 1).map(batch -> batch.records().getFirst().eventTime());
      if (first.isPresent() && oldest.filter(o -> o.isBefore(first.get())).isEmpty()) {
        oldest = first;
      }
    }
    boolean clean = failure.isEmpty() && waiting == 0;
    status =
        new DeliveryStatus(
            delivered,
            waiting,
            oldest,
            clean ? Optional.of(clock.instant()) : status.succeeded(),
            failure);
    failure.ifPresent(
        text -> LOG.warn("audit delivery: {} records wait: {}", status.waiting(), text));
  }

  public DeliveryStatus status() {
    return status;
  }

  private long deliver(AuditLog.Scope scope) {
    long count = 0;
    for (int files = 0; files < FILES_PER_RUN_MAX; files++) {
      Optional<AuditPosition> at = log.mark(scope, MARK);
      Optional<AuditLog.Batch> batch = log.next(scope, at, FILE_RECORDS_MAX, FILE_BYTES_MAX);
      if (batch.isEmpty()) return count;
      List<AuditLog.Stored> records = batch.get().records();
      sink.put(key(scope, records.getFirst()), file(records));
      log.keepMark(scope, MARK, batch.get().end());
      count += records.size();
    }
    return count;
  }

  private String key(AuditLog.Scope scope, AuditLog.Stored first) {
    String account =
        JSON.readTree(first.json()).path("recipientAccountId").asString("000000000000");
    return "AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%s.json.gz"
        .formatted(
            account,
            region,
            FOLDER.format(first.eventTime()),
            account,
            region,
            MINUTE.format(first.eventTime()),
            unique(scope, first));
  }

  /// Sixteen letters, as CloudTrail's, that name scope and first record.
  private static String unique(AuditLog.Scope scope, AuditLog.Stored first) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((scope.value() + "\0" + first.eventId()).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().withUpperCase().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  private static byte[] file(List<AuditLog.Stored> records) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write("{\"Records\":[".getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < records.size(); i++) {
        if (i > 0) out.write(',');
        out.write(records.get(i).json().getBytes(StandardCharsets.UTF_8));
      }
      out.write("]}".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compress", e);
    }
    return bytes.toByteArray();
  }
}
