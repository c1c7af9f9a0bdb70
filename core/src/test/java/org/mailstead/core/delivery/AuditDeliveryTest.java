package org.mailstead.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("JRN-2: delivery of the audit log")
final class AuditDeliveryTest {
  private final Map<String, byte[]> files = new TreeMap<>();
  private int failing;

  private void put(String key, byte[] content) {
    if (failing > 0 && failing-- > 0) {
      throw new UnavailableException("the bucket is away", Duration.ofSeconds(1));
    }
    files.put(key, content);
  }

  private AuditDelivery delivery(CoreFixture core) {
    return new AuditDelivery(core.directory().audit(), this::put, "eu-west-1", core.clock());
  }

  private static void record(CoreFixture core, int count) {
    for (int i = 0; i < count; i++) {
      core.directory()
          .audit()
          .record(
              new AuditLog.Scope(core.organization().value()), core.change("ListUsers").entry());
    }
  }

  private static List<String> recorded(CoreFixture core) {
    List<String> ids = new ArrayList<>();
    for (AuditLog.Scope scope : core.directory().audit().scopes()) {
      core.directory()
          .audit()
          .read(scope, Instant.EPOCH.plusSeconds(1), core.clock().instant().plusSeconds(1), 100_000)
          .forEach(record -> ids.add(record.eventId()));
    }
    return ids;
  }

  private List<String> delivered() {
    List<String> ids = new ArrayList<>();
    files.forEach((key, content) -> {
      assertThat(key)
          .matches(
              "AWSLogs/000000000000/CloudTrail/eu-west-1/2027/\\d\\d/\\d\\d/"
                  + "000000000000_CloudTrail_eu-west-1_2027\\d{4}T\\d{4}Z_[0-9A-F]{16}\\.json\\.gz");
      try (var in = new GZIPInputStream(new ByteArrayInputStream(content))) {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        for (JsonNode record : JsonMapper.builder().build().readTree(text).path("Records")) {
          ids.add(record.path("eventID").asString());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    return ids;
  }

  @Test
  void everyRecordOnceInCloudTrailsLayoutAndGoingOnAfterARestart() {
    try (var core = new CoreFixture()) {
      record(core, 5);
      AuditDelivery delivery = delivery(core);
      delivery.runOnce();
      assertThat(delivered()).containsExactlyInAnyOrderElementsOf(recorded(core));
      int count = files.size();
      delivery.runOnce();
      assertThat(files).hasSize(count);
      core.clock().advance(Duration.ofDays(40));
      record(core, 3);
      core.reopen();
      delivery(core).runOnce();
      assertThat(delivered()).containsExactlyInAnyOrderElementsOf(recorded(core));
    }
  }

  @Test
  void aPlaceThatIsAwayIsVisibleAndLosesNothing() {
    try (var core = new CoreFixture()) {
      AuditDelivery delivery = delivery(core);
      failing = 100;
      delivery.runOnce();
      DeliveryStatus status = delivery.status();
      assertThat(status.failure()).contains("the bucket is away");
      assertThat(status.waiting()).isEqualTo(recorded(core).size());
      assertThat(status.oldestWaiting()).isPresent();
      assertThat(status.succeeded()).isEmpty();
      failing = 0;
      delivery.runOnce();
      assertThat(delivery.status().waiting()).isZero();
      assertThat(delivery.status().failure()).isEmpty();
      assertThat(delivery.status().succeeded()).isPresent();
      assertThat(delivered()).containsExactlyInAnyOrderElementsOf(recorded(core));
    }
  }

  @Test
  void aCrashBetweenFileAndPositionRepeatsTheFileUnderItsName() {
    try (var core = new CoreFixture()) {
      record(core, 4);
      var crashing =
          new AuditDelivery(
              core.directory().audit(),
              (key, content) -> {
                files.put(key, content);
                throw new IllegalStateException("killed");
              },
              "eu-west-1",
              core.clock());
      assertThatThrownBy(crashing::runOnce).hasMessage("killed");
      assertThat(files).hasSize(1);
      core.reopen();
      record(core, 4);
      delivery(core).runOnce();
      assertThat(delivered()).containsExactlyInAnyOrderElementsOf(recorded(core));
    }
  }

  @Test
  @DisplayName("limit: one file has so many records")
  void limitOfRecordsInAFile() {
    try (var core = new CoreFixture()) {
      record(core, 20);
      var scope = new AuditLog.Scope(core.organization().value());
      var batch = core.directory().audit().next(scope, Optional.empty(), 7, 1 << 20).orElseThrow();
      assertThat(batch.records()).hasSize(7);
      assertThat(
              core.directory()
                  .audit()
                  .next(scope, Optional.empty(), 1_000, 1)
                  .orElseThrow()
                  .records())
          .hasSize(1);
    }
  }
}
