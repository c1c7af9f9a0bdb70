package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.core.directory.Refused.refused;

import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.Versions;

/// No operation makes users and groups of the system: they come with directories of others. So they
/// are written here as such a directory would.
final class SystemEntitiesTest {
  private static void write(CoreFixture core, Entity entity) {
    DirectoryId directory = core.directory().organizations().load(core.organization()).directory();
    var outbox =
        new Outbox(new Commits(core.store(), new Versions(core.store()), new SecureRandom()));
    var claims = new Claims(outbox, core.clock(), new SecureRandom());
    var claim =
        claims.take(
            Claims.Kind.NAME,
            Entities.nameClaim(directory, entity.name()),
            directory.value(),
            entity.id().value(),
            _ -> false);
    assertThat(claim).isPresent();
    var stored = new StoredEntity(entity, Optional.empty(), 1, 0, Optional.empty());
    outbox.change(
        Entities.shard(directory, entity.id()),
        change -> {
          Entities.write(change, Optional.empty(), Optional.of(stored));
          return true;
        });
  }

  @Test
  @DisplayName(
      "USR-2: users and groups of the system are listed but protected, and count for no limit")
  void listedButProtected() {
    try (var core = new CoreFixture(DirectoryLimits.standard().withUsersPerOrganization(4))) {
      var user =
          new User(
              new EntityId("00000000-0000-4000-8000-000000000001"),
              "Administrator",
              "Administrator",
              UserRole.SYSTEM_USER,
              EntityState.DISABLED,
              Optional.empty(),
              List.of(),
              false,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              DirectoryLimits.QUOTA_MEGABYTES_MAX,
              Map.of());
      var group =
          new Group(
              new EntityId("00000000-0000-4000-8000-000000000002"),
              "Domain Users",
              EntityState.DISABLED,
              Optional.empty(),
              List.of(),
              false,
              Optional.empty(),
              Optional.empty(),
              true);
      write(core, user);
      write(core, group);
      var directory = core.directory();
      assertThat(
              directory
                  .users()
                  .list(core.organization(), new EntityFilter.None(), PageRequest.first())
                  .items())
          .extracting(User::name)
          .contains("Administrator");
      assertThat(
              directory
                  .groups()
                  .list(core.organization(), new EntityFilter.None(), PageRequest.first())
                  .items())
          .extracting(Group::name)
          .contains("Domain Users");
      for (String name : List.of("Administrator", "Domain Users")) {
        refused(
            DirectoryRefusal.UNSUPPORTED_OPERATION,
            () ->
                directory
                    .registrations()
                    .register(
                        core.change("RegisterToWorkMail"),
                        core.organization(),
                        name,
                        "system@example.test"));
      }
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          () ->
              directory
                  .users()
                  .delete(core.change("DeleteUser"), core.organization(), "Administrator"));
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          () ->
              directory
                  .groups()
                  .delete(core.change("DeleteGroup"), core.organization(), "Domain Users"));
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          () ->
              directory
                  .users()
                  .resetPassword(
                      core.change("ResetPassword"),
                      core.organization(),
                      user.id(),
                      "Some-Secret-1"));
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION, () -> core.addMember(group.id(), core.anna()));
      refused(
          DirectoryRefusal.UNSUPPORTED_OPERATION,
          () ->
              directory
                  .groups()
                  .update(
                      core.change("UpdateGroup"),
                      core.organization(),
                      "Domain Users",
                      Optional.of(true)));
      core.enabledUser("dora", "Dora", "Dora-Secret-4"); // The fourth that counts.
      assertThat(core.check().warnings()).isEmpty();
    }
  }
}
