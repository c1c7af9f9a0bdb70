package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.RuleDryRun;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.core.trace.TraceEvent.Kind;
import org.mailstead.core.trace.TraceQuery;
import org.mailstead.core.trace.TraceSettings;
import org.mailstead.core.trace.TraceSummary;
import org.mailstead.http.aws.FunctionClient.Answer;
import org.mailstead.smtp.server.Verdict;

@DisplayName("FLW-8: the trace of a message on its way")
final class MessageTraceTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";

  private final MailflowFixture flow =
      new MailflowFixture((_, call, _) ->
          new Answer.Returned(
              "{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"MOVE_TO_JUNK\"}}]}"
                  .getBytes(StandardCharsets.UTF_8)));
  private final MessageTrace trace =
      new MessageTrace(
          flow.core.store(),
          flow.core.keys(),
          TraceSettings.standard(),
          flow.clock,
          new SecureRandom());

  @AfterEach
  void close() {
    trace.close();
    flow.close();
  }

  private TraceSummary only() {
    flow.settle();
    flow.traced.forEach(trace::add);
    flow.traced.clear();
    assertThat(trace.flush(Duration.ofSeconds(20))).isTrue();
    return trace
        .find(flow.core.organization(), TraceQuery.all(), Optional.empty(), 100)
        .messages()
        .getFirst();
  }

  private List<TraceEvent> events(TraceSummary summary) {
    return trace.events(flow.core.organization(), summary.id());
  }

  private static List<String> texts(List<TraceEvent> events) {
    return events.stream()
        .map(event ->
            event.kind()
                + " "
                + String.join(",", event.recipients())
                + event.rule().map(rule -> " " + rule).orElse("")
                + event.action().map(action -> " " + action).orElse(""))
        .map(String::strip)
        .toList();
  }

  private void rule(String name, InboundAction action, Optional<LambdaHook> hook) {
    FlowRules.inbound(flow.core.directory(), flow.clock, new Random(1))
        .create(
            flow.core.change("CreateInboundMailFlowRule"),
            flow.core.organization(),
            FlowRule.Terms.inbound(name, action, List.of(AddressPattern.any()), hook),
            Optional.empty());
  }

  @Test
  @DisplayName("Who sent it, where each copy went, with the answers of servers")
  void submission() {
    flow.sink.answerRecipients(to ->
        switch (to.local()) {
          case "gone" -> Verdict.rejected(550, "5.1.1", "No such user");
          case "late" -> Verdict.deferred(451, "4.2.0", "Come again");
          default -> Verdict.accepted();
        });
    try (var sending =
        flow.submission(flow.core.anna(), ANNA)
            .to(FRIEND, "gone@far.example", "late@far.example", BERT)) {
      sending.verdict(MailflowFixture.message(ANNA, "Plan"));
    }
    TraceSummary summary = only();
    assertThat(summary.submitter()).contains(flow.core.anna().value());
    assertThat(summary.subject()).contains("Plan");
    assertThat(summary.peer()).isEqualTo("192.0.2.7");
    assertThat(summary.inside()).containsExactly(BERT);
    assertThat(summary.outside()).containsExactly(FRIEND, "gone@far.example", "late@far.example");
    List<TraceEvent> events = events(summary);
    assertThat(texts(events)).contains("DELIVERED " + BERT + " INBOX");
    assertThat(events)
        .anySatisfy(event -> {
          assertThat(event.kind()).isEqualTo(Kind.SENT);
          assertThat(event.recipients()).containsExactly(FRIEND);
          assertThat(event.server()).isPresent();
          assertThat(event.detail().orElseThrow()).startsWith("250 ");
        })
        .anySatisfy(event -> {
          assertThat(event.kind()).isEqualTo(Kind.BOUNCED);
          assertThat(event.detail()).contains("550 5.1.1 No such user");
        })
        .anySatisfy(event -> {
          assertThat(event.kind()).isEqualTo(Kind.DELAYED);
          assertThat(event.detail()).contains("451 4.2.0 Come again");
        });
    flow.sink.answerRecipients(to -> Verdict.accepted());
    flow.clock.advance(Duration.ofMinutes(2));
    only();
    assertThat(texts(events(summary))).contains("SENT late@far.example");
  }

  @Test
  @DisplayName("What a rule's function said, and the folder; by the id in Received")
  void function() {
    rule(
        "ask",
        InboundAction.RUN_LAMBDA,
        Optional.of(new LambdaHook("arn:f", true, Optional.of(1), Optional.empty())));
    try (var sending = flow.inbound(FRIEND).to(ANNA, BERT)) {
      sending.verdict(MailflowFixture.message(FRIEND, "Hello"));
    }
    assertThat(texts(events(only())))
        .containsExactly(
            "INBOUND_RULE anna@example.test,bert@example.test ask RUN_LAMBDA",
            "ACCEPTED anna@example.test,bert@example.test",
            "FUNCTION_DECIDED anna@example.test,bert@example.test ask MOVE_TO_JUNK",
            "DELIVERED anna@example.test Junk E-mail",
            "DELIVERED bert@example.test Junk E-mail");
  }

  @Test
  @DisplayName("What is dropped or refused leaves a trace too, and a dry run tells what changed")
  void droppedAndRefused() {
    rule("drop", InboundAction.DROP, Optional.empty());
    try (var sending = flow.inbound(FRIEND).to(ANNA)) {
      sending.verdict(MailflowFixture.message(FRIEND, "Hello"));
    }
    TraceSummary dropped = only();
    assertThat(texts(events(dropped))).containsExactly("INBOUND_RULE anna@example.test drop DROP");
    assertThat(new RuleDryRun(trace).inbound(flow.core.organization(), List.of(), 10).changes())
        .singleElement()
        .satisfies(change -> assertThat(change.recipients()).containsExactly(ANNA));
    flow.clock.advance(Duration.ofSeconds(1));
    try (var sending = flow.submission(flow.core.anna(), ANNA).to(FRIEND)) {
      sending.verdict(MailflowFixture.message("ceo@example.test", "Forged"));
    }
    assertThat(events(only()))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.kind()).isEqualTo(Kind.REFUSED);
          assertThat(event.detail().orElseThrow()).startsWith("550 ");
        });
  }
}
