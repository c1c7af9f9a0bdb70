package org.mailstead.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog.Scope;
import org.mailstead.core.audit.AuditLog.Stored;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.UserChange;
import org.mailstead.core.directory.UserDetail;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.WriteBatch;

final class AuditLogTest {
  private static List<Stored> read(CoreFixture core) {
    return core.directory()
        .audit()
        .read(
            new Scope(core.organization().value()),
            Instant.EPOCH.plusSeconds(1),
            core.clock().instant().plusSeconds(1),
            1000);
  }

  private static PartitionId partition(CoreFixture core) {
    return core.store()
        .partitions("audit/" + core.organization() + "/", Optional.empty(), 10)
        .getFirst();
  }

  @Test
  @DisplayName("JRN-2: a change is recorded once, in CloudTrail's shape, with what it answered")
  void aChangeIsRecorded() {
    try (var core = new CoreFixture()) {
      core.clock().advance(Duration.ofMinutes(1));
      Instant at = core.clock().instant();
      EntityId dora =
          core.directory()
              .users()
              .create(
                  core.change("CreateUser"),
                  core.organization(),
                  NewUser.of("dora", "Dora", "Dora-Secret-4"));
      core.runJobs();
      List<Stored> found =
          core.directory()
              .audit()
              .read(new Scope(core.organization().value()), at, at.plusSeconds(1), 10);
      assertThat(found).hasSize(1);
      assertThat(found.getFirst().json())
          .startsWith("{\"eventVersion\":\"1.05\",\"userIdentity\":{\"type\":\"AWSService\"")
          .contains("\"eventTime\":\"2027-01-01T00:01:00Z\"")
          .contains("\"eventSource\":\"workmail.amazonaws.com\"")
          .contains("\"eventName\":\"CreateUser\"")
          .contains("\"awsRegion\":\"eu-west-1\"")
          .contains("\"sourceIPAddress\":\"192.0.2.1\"")
          .contains("\"requestParameters\":{}")
          .contains("\"responseElements\":{\"userId\":\"" + dora + "\"}")
          .contains("\"eventType\":\"AwsApiCall\"")
          .contains("\"recipientAccountId\":\"000000000000\"")
          .doesNotContain("Dora-Secret-4")
          .doesNotContain("errorCode");
    }
  }

  @Test
  void everyChangeAndEveryRefusalIsRecordedOnceAcrossRestarts() {
    try (var core = new CoreFixture()) {
      int before = read(core).size();
      for (int i = 0; i < 30; i++) {
        core.directory()
            .users()
            .update(
                core.change("UpdateUser"),
                core.organization(),
                "anna",
                new UserChange(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(UserDetail.CITY, "City " + i)));
      }
      core.directory()
          .audit()
          .record(
              new Scope(core.organization().value()),
              core.change("DeleteUser").entry().failed("EntityStateException", "It is enabled."));
      core.reopen(); // Nothing was moved yet: the outbox is resumed.
      core.runJobs();
      core.runJobs();
      List<Stored> after = read(core);
      assertThat(after).hasSize(before + 31);
      assertThat(after).extracting(Stored::eventId).doesNotHaveDuplicates();
      assertThat(after)
          .extracting(Stored::json)
          .anyMatch(json ->
              json.contains(
                  "\"errorCode\":\"EntityStateException\",\"errorMessage\":\"It is enabled.\""));
    }
  }

  @Test
  void repeatingARecordIsHarmless() {
    try (var core = new CoreFixture()) {
      var scope = new Scope(core.organization().value());
      AuditEntry entry = core.change("ListUsers").entry();
      int before = read(core).size();
      core.directory().audit().record(scope, entry);
      core.directory().audit().record(scope, entry);
      assertThat(read(core)).hasSize(before + 1);
      core.clock().advance(Duration.ofDays(31)); // The next month's partition.
      core.directory().audit().record(scope, entry);
      assertThat(read(core)).hasSize(before + 1);
    }
  }

  @Test
  void manyAtOnceAreAllRecorded() throws Exception {
    try (var core = new CoreFixture()) {
      int before = read(core).size();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        threads.add(
            Thread.startVirtualThread(() ->
                core.directory()
                    .audit()
                    .record(
                        new Scope(core.organization().value()), core.change("ListUsers").entry())));
      }
      for (Thread thread : threads) thread.join();
      assertThat(read(core)).hasSize(before + 200);
      assertThat(AuditLog.verify(core.store(), new Scope(core.organization().value()))).isEmpty();
    }
  }

  @Test
  @DisplayName("JRN-2: a record that was changed or removed breaks the chain")
  void tamperingIsFound() {
    for (boolean remove : new boolean[] {true, false}) {
      var core = new CoreFixture();
      PartitionId partition = partition(core);
      assertThat(AuditLog.verify(core.store(), new Scope(core.organization().value()))).isEmpty();
      var records = new Collection(1, "records");
      Row victim = core.store().range(partition, records, Range.all(), 10).rows().get(3);
      var batch = new WriteBatch();
      if (remove) {
        Row sequence =
            core.store()
                .range(partition, new Collection(3, "sequence"), Range.all(), 10)
                .rows()
                .get(3);
        batch.delete(new Collection(3, "sequence"), sequence.key());
      } else {
        byte[] changed = victim.value().clone();
        changed[changed.length - 5] ^= 1;
        batch.put(records, victim.key(), changed);
      }
      core.store().commit(partition, core.store().version(partition), new CommitId(1, 1), batch);
      assertThat(AuditLog.verify(core.store(), new Scope(core.organization().value())))
          .isNotEmpty();
      core.abandon();
    }
  }

  @Test
  void textsAreEscapedAndTooLargeRecordsLoseTheirParametersOnly() {
    try (var core = new CoreFixture()) {
      var scope = new Scope(core.organization().value());
      AuditEntry plain = core.change("ListUsers").entry();
      AuditEntry odd =
          new AuditEntry(
              plain.identity(),
              plain.eventTime(),
              plain.eventSource(),
              plain.eventName(),
              plain.awsRegion(),
              plain.sourceIpAddress(),
              "agent \"x\"\n\\\u0001\ud83d",
              Optional.of("\"" + "x".repeat(70_000) + "\""),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              plain.requestId(),
              plain.eventId());
      core.directory().audit().record(scope, odd);
      assertThat(read(core))
          .extracting(Stored::json)
          .anyMatch(json ->
              json.contains("\"userAgent\":\"agent \\\"x\\\"\\n\\\\\\u0001\\ud83d\"")
                  && json.contains("\"requestParameters\":null"));
    }
  }
}
