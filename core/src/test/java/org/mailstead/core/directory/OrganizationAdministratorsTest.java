package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;

@DisplayName("The last administrator of an organization is protected")
final class OrganizationAdministratorsTest {
  private static void add(CoreFixture core, EntityId user) {
    core.directory()
        .organizationAdministrators()
        .add(core.change("AddOrganizationAdministrator"), core.organization(), user.value());
  }

  private static void remove(CoreFixture core, EntityId user) {
    core.directory()
        .organizationAdministrators()
        .remove(core.change("RemoveOrganizationAdministrator"), core.organization(), user.value());
  }

  private static void disable(CoreFixture core, EntityId user) {
    core.directory()
        .registrations()
        .deregister(core.change("DeregisterFromWorkMail"), core.organization(), user.value());
  }

  private static void refused(Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.ENTITY_STATE));
  }

  @Test
  void itIsNeitherDisabledNorRemovedBeforeThereIsAnother() {
    try (var core = new CoreFixture()) {
      disable(core, core.carl()); // Nobody is protected while nobody is named.
      add(core, core.anna());
      refused(() -> disable(core, core.anna()));
      refused(() -> remove(core, core.anna()));
      refused(() -> add(core, core.carl()));
      add(core, core.bert());
      core.reopen();
      disable(core, core.anna());
      refused(() -> disable(core, core.bert()));
      refused(() -> remove(core, core.bert()));
      remove(core, core.anna());
      assertThat(core.directory().organizationAdministrators().list(core.organization()))
          .extracting(Entity.User::id)
          .containsExactly(core.bert());
      core.directory()
          .organizations()
          .delete(core.change("DeleteOrganization"), core.organization(), true, true);
      core.runJobs();
    }
  }

  @Test
  void twoThatGoAtOnceLeaveOne() throws Exception {
    for (int round = 0; round < 20; round++) {
      try (var core = new CoreFixture();
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        add(core, core.anna());
        add(core, core.bert());
        Callable<Boolean> first = () -> gone(core, core.anna());
        Callable<Boolean> second = () -> gone(core, core.bert());
        int count = 0;
        for (var done : threads.invokeAll(java.util.List.of(first, second))) {
          if (answer(done)) count++;
        }
        assertThat(count).isEqualTo(1);
      }
    }
  }

  private static boolean gone(CoreFixture core, EntityId user) {
    try {
      disable(core, user);
      return true;
    } catch (DirectoryRefusedException e) {
      return false;
    }
  }

  private static boolean answer(java.util.concurrent.Future<Boolean> done) throws Exception {
    try {
      return done.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Test
  @DisplayName("LIM-4: the number of users is raised for one organization")
  void usersMax() {
    try (var core = new CoreFixture(DirectoryLimits.standard().withUsersPerOrganization(3))) {
      assertThatThrownBy(() -> core.enabledUser("dora", "Dora", "Dora-Secret-4"))
          .hasMessageContaining("3 users");
      Organizations organizations = core.directory().organizations();
      organizations.updateUsersMax(core.change("UpdateUserLimit"), core.organization(), 4);
      core.enabledUser("dora", "Dora", "Dora-Secret-4");
      assertThatThrownBy(() -> core.enabledUser("emil", "Emil", "Emil-Secret-5"))
          .hasMessageContaining("4 users");
      assertThatThrownBy(() ->
              organizations.updateUsersMax(
                  core.change("UpdateUserLimit"), core.organization(), 10_000_001))
          .hasMessageContaining("10000000");
    }
  }
}
