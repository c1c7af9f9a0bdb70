package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EntityId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.http.aws.FunctionClient.Answer;
import org.mailstead.smtp.server.Verdict.Accepted;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.FaultPlan.Fault;

/// The store stops at the first, second, third … call while a Run Lambda rule is carried out; then
/// another run begins. What was acknowledged arrives once, as the function said, and the function
/// heard of it, perhaps more than once, by the same ids.
@DisplayName("FLW-6: a crash neither loses nor doubles mail that a function decides about")
final class HookCrashTest {
  private static final String FRIEND = "friend@far.example";
  private static final String ANNA = "anna@example.test";
  private static final int STEP_MAX = 400;

  private static final LambdaHook ASKED =
      new LambdaHook("arn:f", true, Optional.of(30), Optional.of("BOUNCE"));
  private static final LambdaHook TOLD =
      new LambdaHook("arn:f", false, Optional.empty(), Optional.empty());

  /// Takes recipient bert out, and replaces the message.
  private static final class Function {
    final AtomicInteger calls = new AtomicInteger();
    final Set<String> ids = ConcurrentHashMap.newKeySet();
    final AtomicReference<MailflowFixture> flow = new AtomicReference<>();

    Answer answer(EntryHook.Call call) {
      calls.incrementAndGet();
      ids.add(call.invocationId() + call.messageId());
      if (!call.isSynchronous()) return new Answer.Queued();
      var messages = flow.get().messages();
      try (Content content = messages.open(messages.find(call.messageId()).orElseThrow())) {
        String text = StandardCharsets.UTF_8.decode(content.buffer()).toString();
        byte[] changed = text.replace("Hello.", "Checked.").getBytes(StandardCharsets.UTF_8);
        messages.replace(call.messageId(), Content.of(changed));
      } catch (UnavailableException | RefusedException e) {
        return new Answer.Failed(String.valueOf(e.getMessage()));
      }
      return new Answer.Returned(
          ("{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"DEFAULT\"}},"
                  + "{\"recipients\":[\"bert@example.test\",\"drop@far.example\"],"
                  + "\"action\":{\"type\":\"DROP\"}}]}")
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  private static MailflowFixture open(Function function) {
    MailflowFixture flow = new MailflowFixture((_, call, _) -> function.answer(call));
    function.flow.set(flow);
    return flow;
  }

  private static void inbound(MailflowFixture flow, LambdaHook hook) {
    FlowRules.inbound(flow.core.directory(), flow.clock, new Random(1))
        .create(
            flow.core.change("CreateInboundMailFlowRule"),
            flow.core.organization(),
            FlowRule.Terms.inbound(
                "f", InboundAction.RUN_LAMBDA, List.of(AddressPattern.any()), Optional.of(hook)),
            Optional.empty());
  }

  private static void outbound(MailflowFixture flow, LambdaHook hook) {
    FlowRules.outbound(flow.core.directory(), flow.clock, new Random(1))
        .create(
            flow.core.change("CreateOutboundMailFlowRule"),
            flow.core.organization(),
            new FlowRule.Terms<>(
                "f",
                OutboundAction.RUN_LAMBDA,
                List.of(AddressPattern.any()),
                List.of(AddressPattern.any()),
                Optional.empty(),
                Optional.of(hook)),
            Optional.empty());
  }

  private static void again(MailflowFixture flow) {
    flow.restart();
    for (int i = 0; i < 8; i++) {
      flow.settle();
      flow.clock.advance(Duration.ofMinutes(1));
    }
    flow.settle();
  }

  @Test
  void aStopAnywhereWhileAFunctionDecides() {
    for (String body : List.of("small", ("x".repeat(70) + "\r\n").repeat(800))) {
      int steps = 0;
      while (stopInbound(++steps, ASKED, body)) assertThat(steps).isLessThan(STEP_MAX);
      assertThat(steps).isGreaterThan(8);
    }
  }

  @Test
  void aStopAnywhereWhileAFunctionIsTold() {
    int steps = 0;
    while (stopInbound(++steps, TOLD, "small")) assertThat(steps).isLessThan(STEP_MAX);
    assertThat(steps).isGreaterThan(5);
  }

  private static boolean stopInbound(int step, LambdaHook hook, String body) {
    Function function = new Function();
    try (var flow = open(function)) {
      inbound(flow, hook);
      List<EntityId> expected = new ArrayList<>(List.of(flow.core.anna(), flow.core.carl()));
      if (!hook.isSynchronous()) expected.add(flow.core.bert());
      boolean acknowledged = false;
      try (var sending = flow.inbound(FRIEND).to(ANNA, "bert@example.test", "carl@example.test")) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, Fault.UNAVAILABLE_BEFORE);
        acknowledged =
            sending.verdict(MailflowFixture.message(FRIEND, "Crash") + body + "\r\n")
                instanceof Accepted;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      again(flow);
      for (EntityId user : expected) {
        List<String> found = flow.inbox(user);
        assertThat(found).as("step " + step).hasSize(acknowledged ? 1 : 0);
        if (acknowledged && hook.isSynchronous()) {
          assertThat(found.getFirst()).as("step " + step).contains("Checked.");
        }
      }
      if (hook.isSynchronous()) {
        assertThat(flow.inbox(flow.core.bert())).as("step " + step).isEmpty();
      }
      assertThat(function.ids).as("step " + step).hasSize(acknowledged ? 1 : 0);
      assertThat(flow.sink.messages()).as("reports at step " + step).isEmpty();
      flow.checkQueueEmpty();
      return reached;
    }
  }

  @Test
  void aLostAnswerOfTheStoreAnywhereIsSettledWithoutARestart() {
    boolean reached = true;
    for (int step = 1; reached; step++) {
      assertThat(step).isLessThan(STEP_MAX);
      reached = loseAnswer(step);
    }
  }

  private static boolean loseAnswer(int step) {
    Function function = new Function();
    try (var flow = open(function)) {
      outbound(flow, ASKED);
      boolean acknowledged;
      try (var sending = flow.submission(flow.core.anna(), ANNA).to(FRIEND, "drop@far.example")) {
        flow.faults.failNth(step, Fault.UNKNOWN_AFTER, FaultPlan.Call.COMMIT);
        acknowledged = sending.verdict(MailflowFixture.message(ANNA, "Lost")) instanceof Accepted;
      }
      flow.settle();
      boolean reached = flow.faults.callCount() >= step;
      flow.faults.heal();
      for (int i = 0; i < 3; i++) {
        flow.clock.advance(Duration.ofMinutes(1));
        flow.settle();
      }
      assertThat(acknowledged).as("step " + step).isTrue();
      assertThat(flow.sink.messages())
          .as("step " + step)
          .singleElement()
          .satisfies(sent -> {
            assertThat(sent.addresses()).containsExactly(FRIEND);
            assertThat(sent.text()).contains("Checked.");
          });
      assertThat(flow.inbox(flow.core.anna())).as("reports at step " + step).isEmpty();
      assertThat(function.ids).hasSize(1);
      flow.checkQueueEmpty();
      return reached;
    }
  }

  @Test
  @DisplayName("Many messages for one slow function do not delay an organization's other mail")
  void manyWait() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    try (var flow =
        new MailflowFixture((_, _, _) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
          running.decrementAndGet();
          return new Answer.Returned(
              "{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"DEFAULT\"}}]}"
                  .getBytes(StandardCharsets.UTF_8));
        })) {
      inbound(flow, ASKED);
      for (int i = 0; i < 120; i++) {
        try (var sending = flow.inbound(FRIEND).to(ANNA)) {
          sending.verdict(MailflowFixture.message(FRIEND, "Hello " + i));
        }
      }
      try (var sending = flow.submission(flow.core.anna(), ANNA).to(FRIEND)) {
        sending.verdict(MailflowFixture.message(ANNA, "Out"));
      }
      MailflowFixture.await(() -> flow.sink.messages().size() == 1);
      for (int i = 0; i < 10; i++) {
        flow.settle();
        flow.clock.advance(Duration.ofSeconds(15));
      }
      flow.settle();
      assertThat(flow.inbox(flow.core.anna())).hasSize(120);
      assertThat(most.get()).isLessThanOrEqualTo(8);
      flow.checkQueueEmpty();
    }
  }
}
