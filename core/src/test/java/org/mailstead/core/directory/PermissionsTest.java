package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.MailboxPermission.FULL_ACCESS;
import static org.mailstead.core.directory.MailboxPermission.SEND_AS;
import static org.mailstead.core.directory.MailboxPermission.SEND_ON_BEHALF;
import static org.mailstead.core.directory.Refused.refused;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Permissions.Grant;

final class PermissionsTest {
  private static void put(
      CoreFixture core, String owner, String grantee, Set<MailboxPermission> values) {
    core.directory()
        .permissions()
        .put(core.change("PutMailboxPermissions"), core.organization(), owner, grantee, values);
  }

  private static void delete(CoreFixture core, String owner, String grantee) {
    core.directory()
        .permissions()
        .delete(core.change("DeleteMailboxPermissions"), core.organization(), owner, grantee);
  }

  private static List<Grant> list(CoreFixture core, String owner) {
    return core.directory()
        .permissions()
        .list(core.organization(), owner, PageRequest.first())
        .items();
  }

  @Test
  @DisplayName("PRM-1: what is put replaces what the grantee had")
  void puttingReplaces() {
    try (var core = new CoreFixture()) {
      put(core, "anna", "bert", Set.of(FULL_ACCESS, SEND_AS));
      put(core, "anna", "bert@example.test", Set.of(SEND_ON_BEHALF));
      put(core, "anna", "team", Set.of(FULL_ACCESS, SEND_AS, SEND_ON_BEHALF));
      assertThat(list(core, "anna"))
          .containsExactlyInAnyOrder(
              new Grant(core.bert(), EntityKind.USER, Set.of(SEND_ON_BEHALF)),
              new Grant(
                  core.team(), EntityKind.GROUP, Set.of(FULL_ACCESS, SEND_AS, SEND_ON_BEHALF)));
      delete(core, "anna", "bert");
      delete(core, "anna", "bert");
      assertThat(list(core, "anna")).hasSize(1);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  @DisplayName("GRP-3: Send As may be granted on a group, Full Access may not")
  void permissionsOnGroups() {
    try (var core = new CoreFixture()) {
      put(core, "team", "bert", Set.of(SEND_AS, SEND_ON_BEHALF));
      refused(
          DirectoryRefusal.INVALID_PARAMETER, () -> put(core, "team", "bert", Set.of(FULL_ACCESS)));
      assertThat(list(core, "team").getFirst().values())
          .containsExactlyInAnyOrder(SEND_AS, SEND_ON_BEHALF);
    }
  }

  @Test
  void declaredErrors() {
    try (var core = new CoreFixture()) {
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> put(core, "none", "bert", Set.of(SEND_AS)));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> put(core, "anna", "none", Set.of(SEND_AS)));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> delete(core, "anna", "none"));
      refused(DirectoryRefusal.ENTITY_NOT_FOUND, () -> list(core, "none"));
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> put(core, "anna", "bert", Set.of()));
      refused(DirectoryRefusal.INVALID_PARAMETER, () -> put(core, "anna", "anna", Set.of(SEND_AS)));
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "anna");
      refused(DirectoryRefusal.ENTITY_STATE, () -> put(core, "anna", "bert", Set.of(SEND_AS)));
      core.directory().users().delete(core.change("DeleteUser"), core.organization(), "anna");
      refused(
          DirectoryRefusal.ENTITY_STATE,
          () -> put(core, "bert", core.anna().value(), Set.of(SEND_AS)));
      refused(DirectoryRefusal.ENTITY_STATE, () -> delete(core, core.anna().value(), "bert"));
    }
  }

  @Test
  void permissionsOfADeletedUserGoInBothDirections() {
    try (var core = new CoreFixture()) {
      put(core, "anna", "bert", Set.of(SEND_AS));
      put(core, "bert", "anna", Set.of(FULL_ACCESS));
      core.directory()
          .registrations()
          .deregister(core.change("Deregister"), core.organization(), "anna");
      core.directory().users().delete(core.change("DeleteUser"), core.organization(), "anna");
      core.runJobs();
      assertThat(list(core, "bert")).isEmpty();
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void permissionsAreLimitedAndListedInPages() {
    DirectoryLimits two = new DirectoryLimits(100, 1000, 1000, 100, 1000, 1000, 1000, 1000, 2, 100);
    try (var core = new CoreFixture(two)) {
      put(core, "anna", "bert", Set.of(SEND_AS));
      put(core, "anna", "carl", Set.of(SEND_AS));
      put(core, "anna", "carl", Set.of(FULL_ACCESS));
      refused(DirectoryRefusal.LIMIT_EXCEEDED, () -> put(core, "anna", "team", Set.of(SEND_AS)));
      var permissions = core.directory().permissions();
      var first =
          permissions.list(core.organization(), "anna", new PageRequest(1, Optional.empty()));
      var second =
          permissions.list(core.organization(), "anna", new PageRequest(1, first.nextToken()));
      assertThat(second.nextToken()).isEmpty();
      assertThat(List.of(first.items().getFirst().grantee(), second.items().getFirst().grantee()))
          .containsExactlyInAnyOrder(core.bert(), core.carl());
    }
  }
}
