package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.core.rules.InboxRules;
import org.mailstead.core.rules.MailboxScripts;
import org.mailstead.core.rules.OutOfOffice;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.store.FaultPlan.Call;
import org.mailstead.store.FaultPlan.Fault;

/// The store stops at the first, second, third … call of a delivery whose rules file, copy,
/// redirect and answer; then another run begins. What was acknowledged is filed once, redirected
/// once and answered once.
class RuleCrashTest {
  private static final String ANNA = "anna@example.test";
  private static final String FRIEND = "friend@far.example";
  private static final int STEP_MAX = 400;

  private static void rules(MailflowFixture flow) {
    var mailbox = flow.core.mailbox(flow.core.anna());
    var scripts = new MailboxScripts(mailbox);
    scripts.put(
        "s",
        "require [\"fileinto\",\"mailbox\",\"duplicate\",\"copy\"]; if duplicate { stop; }"
            + " fileinto :create \"Filed\"; redirect \"other@far.example\";");
    scripts.activate(Optional.of("s"));
    new InboxRules(mailbox)
        .putOutOfOffice(
            new OutOfOffice(
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("Away"),
                Optional.of("Away")),
            "h");
  }

  private static String message() {
    return MailflowFixture.message(FRIEND, "Crash").replace("somebody@example.test", ANNA);
  }

  private static void check(MailflowFixture flow, boolean acknowledged, int step) {
    int expected = acknowledged ? 1 : 0;
    var mailbox = flow.core.mailbox(flow.core.anna());
    long filed =
        mailbox
            .findFolder(java.util.List.of("Filed"))
            .map(folder -> (long) mailbox.view(folder.id()).count())
            .orElse(0L);
    assertThat(filed).as("filed at step " + step).isEqualTo(expected);
    assertThat(flow.inbox(flow.core.anna())).as("in INBOX at step " + step).isEmpty();
    assertThat(flow.sink.messages().stream().filter(m -> m.text().endsWith(message())).count())
        .as("redirected at step " + step)
        .isEqualTo(expected);
    assertThat(
            flow.sink.messages().stream()
                .filter(m -> m.text().contains("Auto-Submitted: auto-replied"))
                .count())
        .as("answered at step " + step)
        .isEqualTo(expected);
    assertThat(flow.sink.messages()).as("sent at step " + step).hasSize(2 * expected);
    assertThat(flow.limits().usage(flow.core.account()).external())
        .as("counted at step " + step)
        .isEqualTo(expected);
    flow.checkQueueEmpty();
  }

  @Test
  void aStopAnywhereLosesAndDoublesNothing() {
    int steps = 0;
    while (stop(++steps)) assertThat(steps).isLessThan(STEP_MAX);
    assertThat(steps).isGreaterThan(10);
  }

  private static boolean stop(int step) {
    // The world takes nothing before the restart: what was sent in the moment of the crash may be
    // sent again, as with every SMTP client.
    try (var flow = new MailflowFixture()) {
      rules(flow);
      flow.sink.answerData(Verdict.deferred(450, "4.2.0", "later"));
      boolean acknowledged;
      try (var sending = flow.inbound(FRIEND).to(ANNA)) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, Fault.UNAVAILABLE_BEFORE);
        acknowledged = sending.verdict(message()) instanceof Verdict.Accepted;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.restart();
      flow.sink.answerData(Verdict.accepted());
      for (int i = 0; i < 3; i++) {
        flow.settle();
        flow.clock.advance(java.time.Duration.ofMinutes(10));
      }
      flow.settle();
      check(flow, acknowledged, step);
      return reached;
    }
  }

  @Test
  void aLostAnswerAnywhereIsSettledWithoutARestart() {
    boolean reached = true;
    for (int step = 1; reached; step++) {
      assertThat(step).isLessThan(STEP_MAX);
      try (var flow = new MailflowFixture()) {
        rules(flow);
        boolean acknowledged;
        try (var sending = flow.inbound(FRIEND).to(ANNA)) {
          flow.faults.failNth(step, Fault.UNKNOWN_AFTER, Call.COMMIT);
          acknowledged = sending.verdict(message()) instanceof Verdict.Accepted;
        }
        flow.settle();
        reached = flow.faults.callCount() >= step;
        flow.faults.heal();
        flow.clock.advance(java.time.Duration.ofMinutes(10));
        flow.settle();
        check(flow, acknowledged, step);
      }
    }
  }
}
