package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.server.Verdict.Accepted;
import org.mailstead.store.FaultPlan.Fault;

/// The store stops at the first, second, third … call and stays away, as a killed process leaves
/// it; then another run begins. What was acknowledged is there, once in every mailbox; what was
/// refused is nowhere.
class CrashTest {
  private static final String FRIEND = "friend@far.example";
  private static final int STEP_MAX = 400;

  @Test
  void aStopAnywhereInTheDeliveryToOneMailboxLosesAndDoublesNothing() {
    int steps = 0;
    while (stop(++steps, "anna@example.test", "small")) {
      assertThat(steps).isLessThan(STEP_MAX);
    }
    assertThat(steps).isGreaterThan(2);
  }

  @Test
  void aStopAnywhereInTheDeliveryToAGroupLosesAndDoublesNothing() {
    int steps = 0;
    while (stop(++steps, "team@example.test", "small")) {
      assertThat(steps).isLessThan(STEP_MAX);
    }
    assertThat(steps).isGreaterThan(10);
  }

  @Test
  void aStopAnywhereInTheDeliveryOfALargeMessageLosesAndDoublesNothing() {
    int steps = 0;
    while (stop(++steps, "team@example.test", "x".repeat(50_000))) {
      assertThat(steps).isLessThan(STEP_MAX);
    }
    assertThat(steps).isGreaterThan(10);
  }

  /// @return whether the store was called so often
  private static boolean stop(int step, String to, String body) {
    try (var flow = new MailflowFixture()) {
      List<EntityId> expected = new ArrayList<>(List.of(flow.core.anna()));
      if (to.startsWith("team")) expected.addAll(List.of(flow.core.bert(), flow.core.carl()));
      String message = MailflowFixture.message(FRIEND, "Crash") + body + "\r\n";
      boolean acknowledged = false;
      try (var sending = flow.inbound(FRIEND).to(to)) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, Fault.UNAVAILABLE_BEFORE);
        acknowledged = sending.verdict(message) instanceof Verdict.Accepted;
      }
      // Deliveries run in threads of their own: let them come as far as they can.
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.restart();
      flow.settle();
      flow.clock.advance(java.time.Duration.ofMinutes(1));
      flow.settle();
      for (EntityId user : expected) {
        List<String> found = flow.inbox(user);
        if (acknowledged) {
          assertThat(found).as("step " + step).hasSize(1);
          assertThat(found.getFirst()).endsWith(message);
        } else {
          assertThat(found).as("step " + step).isEmpty();
        }
      }
      assertThat(flow.sink.messages()).as("reports at step " + step).isEmpty();
      flow.checkQueueEmpty();
      return reached;
    }
  }

  @Test
  void aStopAnywhereNeitherLosesNorDoublesTheReportAboutABlockedRecipient() {
    int steps = 0;
    while (stopBlocked(++steps)) {
      assertThat(steps).isLessThan(STEP_MAX);
    }
    assertThat(steps).isGreaterThan(2);
  }

  /// A mail flow rule blocks the recipient: that its sender hears so is part of the acceptance.
  private static boolean stopBlocked(int step) {
    try (var flow = new MailflowFixture()) {
      FlowRules.outbound(flow.core.directory(), flow.clock, new Random(step))
          .create(
              flow.core.change("CreateOutboundMailFlowRule"),
              flow.core.organization(),
              new FlowRule.Terms<>(
                  "block",
                  OutboundAction.BOUNCE,
                  List.of(AddressPattern.any()),
                  List.of(AddressPattern.any()),
                  Optional.empty(),
                  Optional.empty()),
              Optional.empty());
      boolean acknowledged = false;
      String from = "anna@example.test";
      try (var sending = flow.submission(flow.core.anna(), from).to(FRIEND)) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, Fault.UNAVAILABLE_BEFORE);
        acknowledged =
            sending.verdict(MailflowFixture.message(from, "Blocked")) instanceof Accepted;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.restart();
      flow.settle();
      flow.clock.advance(java.time.Duration.ofMinutes(1));
      flow.settle();
      assertThat(flow.inbox(flow.core.anna())).as("step " + step).hasSize(acknowledged ? 1 : 0);
      assertThat(flow.sink.messages()).as("step " + step).isEmpty();
      flow.checkQueueEmpty();
      return reached;
    }
  }

  /// A single lost answer anywhere, with the program going on: nothing is lost or doubled either,
  /// and the sender of a remote message hears nothing wrong.
  @Test
  void aLostAnswerAnywhereIsSettledWithoutARestart() {
    boolean reached = true;
    for (int step = 1; reached; step++) {
      assertThat(step).isLessThan(STEP_MAX);
      reached = loseAnswer(step);
    }
  }

  private static boolean loseAnswer(int step) {
    try (var flow = new MailflowFixture()) {
      boolean acknowledged;
      String from = "anna@example.test";
      try (var sending =
          flow.submission(flow.core.anna(), from).to("nested@example.test", FRIEND)) {
        flow.faults.failNth(step, Fault.UNKNOWN_AFTER, org.mailstead.store.FaultPlan.Call.COMMIT);
        acknowledged = sending.verdict(MailflowFixture.message(from, "Lost")) instanceof Accepted;
      }
      flow.settle();
      boolean reached = flow.faults.callCount() >= step;
      flow.faults.heal();
      flow.clock.advance(java.time.Duration.ofMinutes(1));
      flow.settle();
      assertThat(acknowledged).as("step " + step).isTrue();
      assertThat(flow.inbox(flow.core.bert())).as("step " + step).hasSize(1);
      assertThat(flow.inbox(flow.core.carl())).as("step " + step).hasSize(1);
      assertThat(flow.sink.messages()).as("step " + step).hasSize(1);
      assertThat(flow.inbox(flow.core.anna())).as("reports at step " + step).isEmpty();
      flow.checkQueueEmpty();
      return reached;
    }
  }
}
