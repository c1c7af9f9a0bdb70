package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;

final class DirectoryConcurrencyTest {
  private static final int THREADS = 24;

  /// Runs the work in many threads at once.
  ///
  /// @return how many were refused for this reason; anything else fails the test
  private static int race(DirectoryRefusal expected, IntConsumer work) throws Exception {
    var refused = new AtomicInteger();
    List<Throwable> failures = new ArrayList<>();
    var start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              start.await();
              work.accept(number);
            } catch (DirectoryRefusedException e) {
              if (e.reason() == expected) refused.incrementAndGet();
              else
                synchronized (failures) {
                  failures.add(e);
                }
            } catch (Throwable e) {
              synchronized (failures) {
                failures.add(e);
              }
            }
          }));
    }
    start.countDown();
    for (Thread thread : threads) thread.join();
    assertThat(failures).isEmpty();
    return refused.get();
  }

  private static List<EntityId> users(CoreFixture core) {
    List<EntityId> users = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      users.add(core.enabledUser("user" + i, "User", "Some-Secret-1"));
    }
    return users;
  }

  @Test
  void exactlyOneUserGetsAName() throws Exception {
    try (var core = new CoreFixture()) {
      int refused =
          race(
              DirectoryRefusal.NAME_AVAILABILITY,
              _ ->
                  core.directory()
                      .users()
                      .create(
                          core.change("CreateUser"),
                          core.organization(),
                          NewUser.of("dora", "Dora", "Dora-Secret-4")));
      assertThat(refused).isEqualTo(THREADS - 1);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void exactlyOneUserGetsAnAddress() throws Exception {
    try (var core = new CoreFixture()) {
      List<EntityId> users = users(core);
      int refused =
          race(
              DirectoryRefusal.EMAIL_ADDRESS_IN_USE,
              i ->
                  core.directory()
                      .registrations()
                      .createAlias(
                          core.change("CreateAlias"),
                          core.organization(),
                          users.get(i),
                          "sales@example.test"));
      assertThat(refused).isEqualTo(THREADS - 1);
      assertThat(core.directory().recipients().resolve(EmailAddress.parse("sales@example.test")))
          .isInstanceOf(Recipients.Resolution.Local.class);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void exactlyOneOrganizationGetsAnAlias() throws Exception {
    try (var core = new CoreFixture()) {
      int refused =
          race(
              DirectoryRefusal.NAME_AVAILABILITY,
              _ ->
                  core.directory()
                      .organizations()
                      .create(
                          core.change("CreateOrganization"),
                          core.account(),
                          NewOrganization.of("acme")));
      assertThat(refused).isEqualTo(THREADS - 1);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void theSameCallMadeManyTimesAtOnceMakesOneOrganization() throws Exception {
    try (var core = new CoreFixture()) {
      var request =
          new NewOrganization(
              "acme", Optional.of("token"), Optional.empty(), List.of(), Optional.empty(), false);
      race(
          DirectoryRefusal.NAME_AVAILABILITY,
          _ ->
              core.directory()
                  .organizations()
                  .create(core.change("CreateOrganization"), core.account(), request));
      assertThat(core.directory().organizations().list(core.account(), PageRequest.first()).items())
          .hasSize(2);
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void theLimitOfUsersIsExactUnderLoad() throws Exception {
    try (var core = new CoreFixture(DirectoryLimits.standard().withUsersPerOrganization(10))) {
      int refused =
          race(
              DirectoryRefusal.LIMIT_EXCEEDED,
              i ->
                  core.directory()
                      .users()
                      .create(
                          core.change("CreateUser"),
                          core.organization(),
                          NewUser.of("user" + i, "User", "Some-Secret-1")));
      assertThat(refused).isEqualTo(THREADS - 7);
    }
  }

  @Test
  void aliasesComeAndGoUnderContentionWithoutLosingAClaim() throws Exception {
    try (var core = new CoreFixture()) {
      List<EntityId> users = users(core);
      for (int round = 0; round < 5; round++) {
        race(
            DirectoryRefusal.EMAIL_ADDRESS_IN_USE,
            i -> {
              var registrations = core.directory().registrations();
              registrations.createAlias(
                  core.change("CreateAlias"),
                  core.organization(),
                  users.get(i),
                  "contended@example.test");
              registrations.deleteAlias(
                  core.change("DeleteAlias"),
                  core.organization(),
                  users.get(i),
                  "contended@example.test");
            });
      }
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  @Test
  void aDomainDoesNotGoWhileAnAddressComes() throws Exception {
    try (var core = new CoreFixture()) {
      List<EntityId> users = users(core);
      for (int round = 0; round < 10; round++) {
        String domain = "shop" + round + ".example";
        core.directory()
            .domains()
            .register(
                core.change("RegisterMailDomain"), core.organization(), domain, Optional.empty());
        core.directory()
            .domains()
            .verified(core.change("Verify"), core.organization(), domain, true);
        race(
            DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND,
            i -> {
              if (i == THREADS / 2) {
                try {
                  core.directory()
                      .domains()
                      .deregister(core.change("DeregisterMailDomain"), core.organization(), domain);
                } catch (DirectoryRefusedException e) {
                  assertThat(e.reason()).isEqualTo(DirectoryRefusal.MAIL_DOMAIN_IN_USE);
                }
              } else {
                core.directory()
                    .registrations()
                    .createAlias(
                        core.change("CreateAlias"),
                        core.organization(),
                        users.get(i),
                        "user" + i + "@" + domain);
              }
            });
        boolean used =
            users.stream()
                .anyMatch(user ->
                    core
                        .directory()
                        .registrations()
                        .listAliases(core.organization(), user, PageRequest.first())
                        .items()
                        .stream()
                        .anyMatch(alias -> alias.domain().equals(domain)));
        boolean registered =
            core
                .directory()
                .domains()
                .list(core.organization(), PageRequest.first())
                .items()
                .stream()
                .anyMatch(each -> each.name().equals(domain));
        assertThat(registered).isEqualTo(used);
      }
    }
  }

  @Test
  void membersAndPermissionsAgreeInBothDirectionsUnderContention() throws Exception {
    try (var core = new CoreFixture()) {
      for (int round = 0; round < 10; round++) {
        race(
            DirectoryRefusal.ENTITY_STATE,
            i -> {
              if (i % 2 == 0) {
                core.addMember(core.team(), core.bert());
                core.directory()
                    .permissions()
                    .put(
                        core.change("PutMailboxPermissions"),
                        core.organization(),
                        "anna",
                        "bert",
                        java.util.Set.of(MailboxPermission.SEND_AS));
              } else {
                core.directory()
                    .groups()
                    .removeMember(
                        core.change("DisassociateMemberFromGroup"),
                        core.organization(),
                        "team",
                        "bert");
                core.directory()
                    .permissions()
                    .delete(
                        core.change("DeleteMailboxPermissions"),
                        core.organization(),
                        "anna",
                        "bert");
              }
            });
        assertThat(core.check().warnings()).isEmpty();
      }
    }
  }
}
