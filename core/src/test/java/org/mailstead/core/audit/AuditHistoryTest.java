package org.mailstead.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog.Scope;
import org.mailstead.core.audit.AuditQuery.Attribute;
import org.mailstead.core.audit.AuditQuery.Key;

@DisplayName("JRN-2: the event history")
final class AuditHistoryTest {
  private static final Scope SCOPE = new Scope("m-history");

  private static void record(CoreFixture core, String name, String user, String entity) {
    AuditEntry plain = core.change(name).entry();
    core.directory()
        .audit()
        .record(
            SCOPE,
            new AuditEntry(
                AuditIdentity.user("123456789012", user, "AKIA" + user),
                core.clock().instant(),
                plain.eventSource(),
                name,
                plain.awsRegion(),
                plain.sourceIpAddress(),
                plain.userAgent(),
                Optional.of("{\"entityId\":\"" + entity + "\"}"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                plain.requestId(),
                plain.eventId()));
    core.clock().advance(Duration.ofHours(12));
  }

  private static List<AuditEvent> all(
      CoreFixture core, Instant from, Optional<Attribute> attribute) {
    List<AuditEvent> found = new ArrayList<>();
    Optional<String> resume = Optional.empty();
    do {
      AuditQuery.Page page =
          core.directory()
              .audit()
              .find(
                  SCOPE,
                  new AuditQuery(
                      from, core.clock().instant().plusSeconds(1), attribute, 7, resume));
      assertThat(page.events()).hasSizeLessThanOrEqualTo(7);
      found.addAll(page.events());
      resume = page.resume();
    } while (resume.isPresent());
    return found;
  }

  @Test
  void byEachAttributeNewestFirstAcrossMonths() {
    try (var core = new CoreFixture()) {
      Instant start = core.clock().instant();
      for (int i = 0; i < 150; i++) {
        record(
            core,
            i % 3 == 0 ? "CreateUser" : "ListUsers",
            i % 2 == 0 ? "amy" : "bob",
            "entity-" + i % 10);
      }
      List<AuditEvent> every = all(core, start, Optional.empty());
      assertThat(every).hasSize(150).extracting(AuditEvent::id).doesNotHaveDuplicates();
      assertThat(every).isSortedAccordingTo((a, b) -> b.time().compareTo(a.time()));
      Map<Attribute, Integer> wanted =
          Map.of(
              new Attribute(Key.EVENT_NAME, "CreateUser"), 50,
              new Attribute(Key.USERNAME, "amy"), 75,
              new Attribute(Key.READ_ONLY, "false"), 50,
              new Attribute(Key.READ_ONLY, "true"), 100,
              new Attribute(Key.RESOURCE_NAME, "entity-3"), 15,
              new Attribute(Key.RESOURCE_TYPE, "AWS::WorkMail::Entity"), 150,
              new Attribute(Key.ACCESS_KEY_ID, "AKIAbob"), 75,
              new Attribute(Key.EVENT_SOURCE, "workmail.amazonaws.com"), 150,
              new Attribute(Key.EVENT_ID, every.get(77).id()), 1,
              new Attribute(Key.EVENT_NAME, "Nothing"), 0);
      wanted.forEach((attribute, count) -> {
        List<AuditEvent> found = all(core, start, Optional.of(attribute));
        assertThat(found).as(attribute.toString()).hasSize(count);
        assertThat(found).isSortedAccordingTo((a, b) -> b.time().compareTo(a.time()));
      });
      Instant late = start.plus(Duration.ofDays(70));
      assertThat(all(core, late, Optional.of(new Attribute(Key.USERNAME, "amy"))))
          .allMatch(event -> !event.time().isBefore(late))
          .hasSize(5);
    }
  }

  @Test
  void limitOfRecordsThatOnePageLooksAt() {
    try (var core = new CoreFixture()) {
      for (int i = 0; i < AuditHistory.SCANNED_MAX + 20; i++) {
        core.directory().audit().record(SCOPE, core.change("ListUsers").entry());
      }
      AuditQuery.Page page =
          core.directory()
              .audit()
              .find(
                  SCOPE,
                  new AuditQuery(
                      Instant.EPOCH,
                      core.clock().instant().plusSeconds(1),
                      Optional.of(new Attribute(Key.EVENT_SOURCE, "elsewhere")),
                      50,
                      Optional.empty()));
      assertThat(page.events()).isEmpty();
      assertThat(page.resume()).isPresent();
      assertThatThrownBy(() ->
              core.directory()
                  .audit()
                  .find(
                      SCOPE,
                      new AuditQuery(
                          Instant.EPOCH,
                          Instant.EPOCH.plusSeconds(1),
                          Optional.empty(),
                          1,
                          Optional.of("nonsense"))))
          .isInstanceOf(RefusedException.class);
    }
  }
}
