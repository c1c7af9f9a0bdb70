package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;

/// A synchronization is cut off at its first, second, third … commit, whose outcome may be unknown;
/// after a restart the next one ends with everything as the directory has it.
final class ImportsFaultTest {
  @Test
  @DisplayName("interrupted anywhere, the next synchronization finishes the work")
  void resumes() throws Exception {
    try (var ldap = new MemoryLdap()) {
      for (String name : List.of("anna", "bert", "carl", "dora")) {
        ldap.user(name, "User " + name);
      }
      ldap.group("team", MemoryLdap.dn("anna"), MemoryLdap.dn("bert"));
      for (Fault fault : List.of(Fault.UNAVAILABLE_BEFORE, Fault.UNKNOWN_AFTER)) {
        int n = 1;
        while (once(ldap, fault, n)) n++;
        assertThat(n).isGreaterThan(10);
      }
    }
  }

  /// @return whether the fault came at all
  private static boolean once(MemoryLdap ldap, Fault fault, int n) throws Exception {
    var plan = new FaultPlan();
    try (var core = new InteropFixture(store -> new FailingStore(store, plan), ldap.settings())) {
      OrganizationId corp = core.create(ldap.settings(), false).id();
      plan.fail(n, 100_000, fault, Call.COMMIT);
      boolean came;
      try {
        core.synchronize(corp);
        came = plan.callCount() >= n;
      } catch (UnavailableException e) {
        came = true;
      }
      plan.heal();
      core.reopen();
      // Claims of names whose claimer is gone are taken over after their lease.
      core.clock().advance(Duration.ofMinutes(2));
      SynchronizationReport report = core.synchronize(corp, true, false);
      assertThat(report.problems()).as("%s at commit %s", fault, n).isEmpty();
      assertThat(core.userNames(corp)).containsExactly("anna", "bert", "carl", "dora");
      assertThat(core.members(corp, "team")).containsExactly("anna", "bert");
      return came;
    }
  }
}
