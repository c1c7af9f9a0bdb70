package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

/// Fails the first, second, third … store call of each operation, in every way, with one call
/// failing or everything from it on (a crash). Afterwards, with the process started anew and the
/// lease of claims over, the same operation succeeds and the directory agrees with itself.
final class DirectoryFaultTest {
  private static final int CALLS_MAX = 400;

  private static void everywhere(Consumer<CoreFixture> prepare, Consumer<CoreFixture> operation) {
    for (Fault fault :
        List.of(Fault.UNAVAILABLE_BEFORE, Fault.UNKNOWN_BEFORE, Fault.UNKNOWN_AFTER)) {
      for (boolean crash : new boolean[] {false, true}) {
        int n = 1;
        while (once(prepare, operation, fault, crash, n)) {
          n++;
          assertThat(n).isLessThan(CALLS_MAX);
        }
        assertThat(n).isGreaterThan(1);
      }
    }
  }

  /// @return whether the fault came at all
  private static boolean once(
      Consumer<CoreFixture> prepare,
      Consumer<CoreFixture> operation,
      Fault fault,
      boolean crash,
      int n) {
    var plan = new FaultPlan();
    var clock = new TestClock();
    try (var core =
        new CoreFixture(
            DirectoryLimits.standard(),
            clock,
            new MemoryStore(clock),
            store -> new FailingStore(store, plan))) {
      prepare.accept(core);
      core.runJobs();
      Call[] kinds =
          fault == Fault.UNAVAILABLE_BEFORE
              ? new Call[] {Call.VERSION, Call.GET, Call.RANGE, Call.COMMIT}
              : new Call[] {Call.COMMIT};
      plan.fail(n, crash ? 100_000 : 1, fault, kinds);
      boolean came;
      try {
        operation.accept(core);
        came = plan.callCount() >= n;
      } catch (UnavailableException e) {
        came = true;
      }
      plan.heal();
      if (crash) core.reopen();
      // What a later claimer finds: the lease is over.
      core.clock().advance(Claims.LEASE.plus(Duration.ofSeconds(1)));
      core.check();
      operation.accept(core);
      core.runJobs();
      assertThat(core.check().warnings()).as("call %s, %s, crash %s", n, fault, crash).isEmpty();
      return came;
    }
  }

  /// An operation that may have happened already although its first caller did not hear so.
  private static Consumer<CoreFixture> unless(
      DirectoryRefusal done, Consumer<CoreFixture> operation) {
    return core -> {
      try {
        operation.accept(core);
      } catch (DirectoryRefusedException e) {
        assertThat(e.reason()).isEqualTo(done);
      }
    };
  }

  @Test
  void creatingAUser() {
    everywhere(
        _ -> {},
        unless(
            DirectoryRefusal.NAME_AVAILABILITY,
            core ->
                core.directory()
                    .users()
                    .create(
                        core.change("CreateUser"),
                        core.organization(),
                        NewUser.of("dora", "Dora", "Dora-Secret-4"))));
  }

  @Test
  @DisplayName("a claim left by a crash is taken over by somebody else once its lease is over")
  void aLeftClaimIsTakenOver() {
    var plan = new FaultPlan();
    var clock = new TestClock();
    try (var core =
        new CoreFixture(
            DirectoryLimits.standard(),
            clock,
            new MemoryStore(clock),
            store -> new FailingStore(store, plan))) {
      // The first commit claims, everything after it fails.
      plan.fail(2, 100_000, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
      try {
        alias(core, core.anna().value());
        assertThat(plan.callCount()).isZero();
      } catch (UnavailableException e) {
        plan.heal();
      }
      core.reopen();
      assertThat(core.check().warnings()).hasSize(1);
      Refused.refused(
          DirectoryRefusal.EMAIL_ADDRESS_IN_USE, () -> alias(core, core.bert().value()));
      alias(core, core.anna().value()); // The same claimer goes on at once.
      core.directory()
          .registrations()
          .deleteAlias(
              core.change("DeleteAlias"), core.organization(), core.anna(), "sales@example.test");
      plan.fail(2, 100_000, Fault.UNAVAILABLE_BEFORE, Call.COMMIT);
      try {
        alias(core, core.anna().value());
      } catch (UnavailableException e) {
        plan.heal();
      }
      core.clock().advance(Claims.LEASE.plus(Duration.ofSeconds(1)));
      alias(core, core.bert().value());
      assertThat(core.check().warnings()).isEmpty();
    }
  }

  private static void alias(CoreFixture core, String entity) {
    core.directory()
        .registrations()
        .createAlias(
            core.change("CreateAlias"),
            core.organization(),
            new org.mailstead.base.EntityId(entity),
            "sales@example.test");
  }

  @Test
  void creatingAnAlias() {
    everywhere(
        _ -> {},
        unless(DirectoryRefusal.EMAIL_ADDRESS_IN_USE, core -> alias(core, core.anna().value())));
  }

  @Test
  void deletingAnAlias() {
    everywhere(
        core -> alias(core, core.anna().value()),
        core ->
            core.directory()
                .registrations()
                .deleteAlias(
                    core.change("DeleteAlias"),
                    core.organization(),
                    core.anna(),
                    "sales@example.test"));
  }

  @Test
  void registering() {
    everywhere(
        core ->
            core.directory()
                .users()
                .create(
                    core.change("CreateUser"),
                    core.organization(),
                    NewUser.of("dora", "Dora", "Dora-Secret-4")),
        core -> {
          core.directory()
              .registrations()
              .register(
                  core.change("RegisterToWorkMail"),
                  core.organization(),
                  "dora",
                  "dora@example.test");
          var dora = core.directory().users().describe(core.organization(), "dora");
          assertThat(core.mailbox(dora.id()).folders()).isNotEmpty();
        });
  }

  @Test
  void changingThePrimaryAddress() {
    everywhere(
        _ -> {},
        core ->
            core.directory()
                .registrations()
                .updatePrimaryAddress(
                    core.change("UpdatePrimaryEmailAddress"),
                    core.organization(),
                    "anna",
                    "adler@example.test"));
  }

  @Test
  void deletingAUserWithGroupsAndPermissions() {
    everywhere(
        core -> {
          permit(core);
          core.directory()
              .registrations()
              .deregister(core.change("Deregister"), core.organization(), "bert");
        },
        core ->
            core.directory()
                .users()
                .delete(core.change("DeleteUser"), core.organization(), core.bert().value()));
  }

  private static void permit(CoreFixture core) {
    core.directory()
        .permissions()
        .put(
            core.change("PutMailboxPermissions"),
            core.organization(),
            "anna",
            "bert",
            Set.of(MailboxPermission.FULL_ACCESS));
  }

  @Test
  void membersAndPermissions() {
    everywhere(_ -> {}, DirectoryFaultTest::permit);
    everywhere(_ -> {}, core -> core.addMember(core.team(), core.carl()));
  }

  @Test
  void creatingAnOrganization() {
    var request =
        new NewOrganization(
            "acme",
            Optional.of("token"),
            Optional.empty(),
            List.of("acme.example"),
            Optional.empty(),
            false);
    everywhere(
        _ -> {},
        core -> {
          var made =
              core.directory()
                  .organizations()
                  .create(core.change("CreateOrganization"), core.account(), request);
          core.directory().outbox().runOnce();
          assertThat(core.directory().organizations().load(core.account(), made.id()).state())
              .isIn(OrganizationState.ACTIVE, OrganizationState.CREATING);
        });
  }

  @Test
  void registeringADomain() {
    everywhere(
        _ -> {},
        unless(
            DirectoryRefusal.MAIL_DOMAIN_IN_USE,
            core ->
                core.directory()
                    .domains()
                    .register(
                        core.change("RegisterMailDomain"),
                        core.organization(),
                        "shop.example",
                        Optional.empty())));
  }

  @Test
  @DisplayName("the long deletion of an organization goes on where it stopped")
  void deletingAnOrganization() {
    for (int n = 1; n < 400; n += 7) {
      var plan = new FaultPlan();
      var clock = new TestClock();
      try (var core =
          new CoreFixture(
              DirectoryLimits.standard(),
              clock,
              new MemoryStore(clock),
              store -> new FailingStore(store, plan))) {
        core.directory()
            .organizations()
            .delete(core.change("DeleteOrganization"), core.organization(), true, true);
        plan.fail(n, 100_000, Fault.UNAVAILABLE_BEFORE);
        core.directory().outbox().runOnce();
        boolean over = plan.callCount() < n;
        plan.heal();
        core.reopen();
        core.runJobs();
        assertThat(core.directory().organizations().load(core.organization()).state())
            .isEqualTo(OrganizationState.DELETED);
        assertThat(core.check().warnings()).isEmpty();
        if (over) return;
      }
    }
  }
}
