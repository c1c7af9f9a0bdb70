package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mailstead.core.directory.Refused.refused;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.OrganizationRecords.Kind;

final class OrganizationRecordsTest {
  private static byte[] value(int length, int fill) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) fill);
    return value;
  }

  private static void put(CoreFixture core, Kind kind, String id, byte[] value) {
    put(core, kind, id, value, "PutAccessControlRule");
  }

  private static void put(CoreFixture core, Kind kind, String id, byte[] value, String operation) {
    core.directory()
        .records()
        .change(
            core.change(operation),
            core.organization(),
            edit -> {
              edit.put(kind, id, value);
              return true;
            });
  }

  @Test
  void recordsOfSeveralRowsComeBackWholeAndShrink() {
    try (var core = new CoreFixture()) {
      OrganizationRecords records = core.directory().records();
      put(core, Kind.SETTING, "big", value(OrganizationRecords.VALUE_BYTES_MAX, 7));
      put(core, Kind.SETTING, "bigger", value(1, 1));
      assertThat(records.find(core.organization(), Kind.SETTING, "big"))
          .hasValue(value(OrganizationRecords.VALUE_BYTES_MAX, 7));
      put(core, Kind.SETTING, "big", value(3_501, 8));
      assertThat(records.find(core.organization(), Kind.SETTING, "big")).hasValue(value(3_501, 8));
      assertThat(records.all(core.organization(), Kind.SETTING)).containsOnlyKeys("big", "bigger");
      assertThat(records.all(core.organization(), Kind.TAG)).isEmpty();
      assertThatThrownBy(
              () -> put(core, Kind.SETTING, "x", value(OrganizationRecords.VALUE_BYTES_MAX + 1, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aRefusedChangeWritesNothingAndAnEmptyOneIsRecorded() {
    try (var core = new CoreFixture()) {
      OrganizationRecords records = core.directory().records();
      put(core, Kind.TAG, "a", value(1, 1), "TagResource");
      refused(
          DirectoryRefusal.LIMIT_EXCEEDED,
          () ->
              records.change(
                  core.change("TagResource"),
                  core.organization(),
                  edit -> {
                    edit.put(Kind.TAG, "b", value(1, 2));
                    throw new DirectoryRefusedException(
                        DirectoryRefusal.LIMIT_EXCEEDED, "too many");
                  }));
      assertThat(records.all(core.organization(), Kind.TAG)).containsOnlyKeys("a");
      boolean there =
          records.change(
              core.change("UntagResource"),
              core.organization(),
              edit -> edit.delete(Kind.TAG, "b"));
      assertThat(there).isFalse();
      core.runJobs();
      List<String> recorded =
          core
              .directory()
              .audit()
              .read(
                  new AuditLog.Scope(core.organization().value()),
                  core.clock().instant().minusSeconds(60),
                  core.clock().instant().plusSeconds(60),
                  100)
              .stream()
              .map(AuditLog.Stored::json)
              .toList();
      assertThat(recorded).anyMatch(json -> json.contains("\"TagResource\""));
      assertThat(recorded).anyMatch(json -> json.contains("\"UntagResource\""));
    }
  }

  @Test
  @DisplayName("ORG-1: another organization sees nothing of them")
  void organizationsAreApart() {
    try (var core = new CoreFixture()) {
      put(core, Kind.SETTING, "x", value(1, 1));
      Organization other =
          core.directory()
              .organizations()
              .create(
                  core.change("CreateOrganization"), core.account(), NewOrganization.of("other"));
      assertThat(core.directory().records().all(other.id(), Kind.SETTING)).isEmpty();
    }
  }
}
