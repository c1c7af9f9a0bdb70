package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Recipients.Resolution;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Fault;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

/// The hot path of RCPT: what was resolved once is resolved without asking the store again.
final class ResolveSpeedTest {
  @Test
  void aCachedAddressIsResolvedWithoutAStoreCall() {
    var plan = new FaultPlan();
    var clock = new TestClock();
    try (var core =
        new CoreFixture(
            DirectoryLimits.standard(),
            clock,
            new MemoryStore(clock),
            store -> new FailingStore(store, plan))) {
      var recipients = core.directory().recipients();
      EmailAddress anna = EmailAddress.parse("Anna@example.test");
      EmailAddress team = EmailAddress.parse("team@example.test");
      recipients.resolve(anna);
      recipients.resolve(team);
      plan.failNth(1, Fault.UNAVAILABLE_BEFORE);
      assertThat(recipients.resolve(anna)).isInstanceOf(Resolution.Local.class);
      assertThat(((Resolution.Local) recipients.resolve(team)).recipients()).hasSize(3);
      assertThat(plan.callCount()).isZero();
      plan.heal();
      measure(recipients, anna);
    }
  }

  /// Prints the cost for whoever looks; asserts nothing about wall time.
  private static void measure(Recipients recipients, EmailAddress address) {
    int found = 0;
    for (int i = 0; i < 200_000; i++) {
      if (recipients.resolve(address) instanceof Resolution.Local) found++;
    }
    long start = System.nanoTime();
    for (int i = 0; i < 200_000; i++) {
      if (recipients.resolve(address) instanceof Resolution.Local) found++;
    }
    System.out.println("resolve: " + (System.nanoTime() - start) / 200_000 + " ns");
    assertThat(found).isEqualTo(400_000);
  }
}
