package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowMessage;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.FunctionClient;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.hooks.FunctionRoutes;
import org.mailstead.smtp.server.Verdict;
import tools.jackson.databind.JsonNode;

@DisplayName("FLW-6: Run Lambda, with functions in a Node process")
final class RunLambdaTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";
  private static final String ARN = "arn:aws:lambda:eu-west-1:123456789012:function:";
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private NodeFunctions node;
  private FunctionClient client;
  private MailflowFixture flow;
  private CoreFixture core;

  @BeforeEach
  void start() throws IOException {
    node = new NodeFunctions(() -> flow.messages());
    client = new FunctionClient(java.time.InstantSource.system());
    var routes =
        new FunctionRoutes(
            List.of(),
            Optional.of(
                new FunctionClient.Endpoint(
                    node.uri(), Optional.of(new Credentials("AKIDEXAMPLE", "hush")))));
    flow = new MailflowFixture(FunctionCalls.over(routes, client, TIMEOUT));
    core = flow.core;
  }

  @AfterEach
  void closeAndCheck() {
    if (node == null) return;
    flow.close();
    client.close();
    node.close();
  }

  private void inbound(String function, LambdaHook hook) {
    FlowRules.inbound(core.directory(), core.clock(), new Random(1))
        .create(
            core.change("CreateInboundMailFlowRule"),
            core.organization(),
            FlowRule.Terms.inbound(
                function,
                InboundAction.RUN_LAMBDA,
                List.of(AddressPattern.any()),
                Optional.of(hook)),
            Optional.empty());
  }

  private void outbound(String function, LambdaHook hook) {
    FlowRules.outbound(core.directory(), core.clock(), new Random(2))
        .create(
            core.change("CreateOutboundMailFlowRule"),
            core.organization(),
            new FlowRule.Terms<>(
                function,
                OutboundAction.RUN_LAMBDA,
                List.of(AddressPattern.any()),
                List.of(AddressPattern.any()),
                Optional.empty(),
                Optional.of(hook)),
            Optional.empty());
  }

  private static LambdaHook told(String function) {
    return new LambdaHook(ARN + function, false, Optional.empty(), Optional.empty());
  }

  private static LambdaHook asked(String function, int minutes, String fallback) {
    return new LambdaHook(ARN + function, true, Optional.of(minutes), Optional.of(fallback));
  }

  private void receive(String... to) {
    try (var sending = flow.inbound(FRIEND).to(to)) {
      assertThat(sending.verdict(MailflowFixture.message(FRIEND, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  private void submit(String header, String... to) {
    try (var sending = flow.submission(core.anna(), ANNA).to(to)) {
      assertThat(sending.verdict(header + MailflowFixture.message(ANNA, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  private int junkCount(EntityId user) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of("Junk E-mail")).orElseThrow().id());
    return view.count();
  }

  private void assertQueueEmpty() {
    flow.settle();
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("The event is the guide's; the content is there by the event's message id")
  void event() throws Exception {
    inbound("callbackDefault", asked("callbackDefault", 0, "DROP"));
    receive(ANNA, "team@example.test");
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(flow.inbox(core.carl())).hasSize(1);
    assertQueueEmpty();
    JsonNode call = node.calls().getFirst();
    assertThat(node.calls()).as("one call for the whole conversation").hasSize(1);
    JsonNode event = call.path("event");
    assertThat(event.path("summaryVersion").stringValue()).isEqualTo("2019-07-28");
    assertThat(event.path("envelope").toString())
        .isEqualTo(
            "{\"mailFrom\":{\"address\":\"friend@far.example\"},\"recipients\":"
                + "[{\"address\":\"anna@example.test\"},{\"address\":\"team@example.test\"}]}");
    assertThat(event.has("sender")).isFalse();
    assertThat(event.path("subject").stringValue()).isEqualTo("Hello");
    assertThat(event.path("flowDirection").stringValue()).isEqualTo("INBOUND");
    assertThat(event.path("truncated").booleanValue()).isFalse();
    assertThat(event.path("invocationId").stringValue()).matches("[0-9a-f]{32}");
    assertThat(call.path("headers").path("x-amz-invocation-type").stringValue())
        .isEqualTo("RequestResponse");
    assertThat(call.path("headers").path("authorization").stringValue())
        .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        .contains("/eu-west-1/lambda/aws4_request");
    FlowMessage message = flow.messages().find(event.path("messageId").stringValue()).orElseThrow();
    assertThat(message.state()).isEqualTo(FlowMessage.State.FROZEN);
    try (var content = flow.messages().open(message)) {
      assertThat(new String(content.open().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .startsWith("Return-Path: <friend@far.example>")
          .endsWith("Hello.\r\n");
    }
  }

  @Test
  @DisplayName("Outbound: one call for all recipients outside; the subject decoded and cut")
  void outboundEvent() {
    outbound("observe", told("observe"));
    try (var sending = flow.submission(core.anna(), ANNA).to(FRIEND, "other@far.example", BERT)) {
      sending.verdict(
          MailflowFixture.message(ANNA, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" + "x".repeat(300)));
    }
    flow.settle();
    MailflowFixture.await(() -> !node.calls().isEmpty());
    JsonNode event = node.calls().getFirst().path("event");
    assertThat(event.path("envelope").path("recipients").toString())
        .isEqualTo("[{\"address\":\"friend@far.example\"},{\"address\":\"other@far.example\"}]");
    assertThat(event.path("subject").stringValue()).startsWith("Grüßexxx").hasSize(256);
    assertThat(event.path("flowDirection").stringValue()).isEqualTo("OUTBOUND");
    assertThat(node.calls()).hasSize(1);
    assertThat(flow.sink.messages()).hasSize(1);
  }

  @Test
  @DisplayName("A function that is only told never alters or stops mail, whatever it does")
  void asynchronous() {
    inbound("fails", told("fails"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    MailflowFixture.await(() -> node.calls().size() == 1);
    assertThat(node.calls().getFirst().path("headers").path("x-amz-invocation-type").stringValue())
        .isEqualTo("Event");
    String id = node.calls().getFirst().path("event").path("messageId").stringValue();
    assertThat(flow.messages().find(id).orElseThrow().state()).isEqualTo(FlowMessage.State.FROZEN);
    assertQueueEmpty();
  }

  @Test
  @DisplayName("A service that is away is told for six hours; the mail has long arrived")
  void asynchronousRetries() {
    inbound("throttled", told("throttled"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    for (int i = 0; i < 100; i++) {
      flow.clock.advance(Duration.ofMinutes(5));
      flow.settle();
    }
    assertThat(node.calls()).hasSizeBetween(70, 90);
    assertThat(
            node.calls().stream()
                .map(call -> call.path("event").path("invocationId").stringValue())
                .distinct())
        .hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertQueueEmpty();
  }

  @Test
  @DisplayName("DROP in the legacy style: nobody gets it, nobody hears of it")
  void drop() {
    inbound("legacyDrop", asked("legacyDrop", 0, "DEFAULT"));
    receive(ANNA, BERT);
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.inbox(core.bert())).isEmpty();
    assertThat(flow.sink.messages()).isEmpty();
    assertQueueEmpty();
    assertThat(flow.events)
        .anySatisfy(event ->
            assertThat(event.event())
                .isEqualTo(
                    new EmailEvent.RuleApplied(
                        "legacyDrop",
                        "INBOUND_RULE",
                        List.of(new EmailEvent.RuleApplied.RuleAction("DROP", List.of(ANNA, BERT))),
                        Optional.empty(),
                        Optional.empty())));
  }

  @Test
  @DisplayName("BOUNCE: the sender reads the function's own words")
  void bounce() {
    outbound("bounce", asked("bounce", 0, "DEFAULT"));
    submit("", FRIEND, BERT);
    assertThat(flow.sink.messages()).isEmpty();
    assertThat(flow.inbox(core.bert())).as("inside of the organization").hasSize(1);
    assertThat(flow.inbox(core.anna()))
        .singleElement()
        .asString()
        .contains("The reason given: 550 5.7.1 Grüße: against the policy.")
        .contains("Diagnostic-Code: smtp; 550 5.7.1 Gr??e: against the policy.");
    assertQueueEmpty();
  }

  @Test
  @DisplayName("Named recipients go before all recipients; the others get the message")
  void dropOne() {
    inbound("dropOne", asked("dropOne", 0, "DROP"));
    receive(ANNA, BERT);
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.inbox(core.bert())).hasSize(1);
  }

  @Test
  @DisplayName("Whom the answer leaves out gets the fallback")
  void fallbackForTheRest() {
    inbound("onlyBert", asked("onlyBert", 0, "DELIVER_TO_JUNK"));
    receive(ANNA, BERT);
    assertThat(junkCount(core.anna())).isEqualTo(1);
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.inbox(core.bert())).hasSize(1);
  }

  @Test
  @DisplayName("MOVE_TO_JUNK decides the place")
  void junk() {
    inbound("junk", asked("junk", 0, "DEFAULT"));
    receive(ANNA);
    assertThat(junkCount(core.anna())).isEqualTo(1);
    assertThat(flow.inbox(core.anna())).isEmpty();
  }

  @Test
  @DisplayName("A recipient that the function adds gets it too, if it is of the organization")
  void addedInbound() {
    inbound("addCarl", asked("addCarl", 0, "DROP"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.carl())).hasSize(1).first().asString().doesNotContain("carl");
    assertThat(flow.sink.messages()).isEmpty();
    assertQueueEmpty();
  }

  @Test
  @DisplayName("Outbound anybody can be added, and counts against the limits")
  void addedOutbound() {
    outbound("addFriend", asked("addFriend", 0, "DROP"));
    submit("", FRIEND);
    assertThat(flow.sink.messages().stream().flatMap(sent -> sent.addresses().stream()))
        .containsExactlyInAnyOrder(FRIEND, "archive@far.example");
    assertThat(flow.limits().usage(core.account()).external()).isEqualTo(2);
    assertQueueEmpty();
  }

  @Test
  @DisplayName("A failing function is called again, with pauses that double, with the same ids")
  void retries() {
    inbound("failsTwice", asked("failsTwice", 5, "DROP"));
    receive(ANNA);
    assertThat(node.calls()).hasSize(1);
    flow.clock.advance(Duration.ofSeconds(1));
    flow.settle();
    assertThat(node.calls()).hasSize(2);
    flow.clock.advance(Duration.ofSeconds(1));
    flow.settle();
    assertThat(node.calls()).hasSize(2);
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.restart();
    flow.clock.advance(Duration.ofSeconds(1));
    flow.settle();
    assertThat(node.calls()).hasSize(3);
    assertThat(node.calls().stream().map(call -> call.path("event").toString()).distinct())
        .hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertQueueEmpty();
  }

  @Test
  @DisplayName("Without an answer in the rule's time the fallback follows")
  void fallback() {
    inbound("callbackFails", asked("callbackFails", 2, "DELIVER_TO_JUNK"));
    receive(ANNA);
    for (int i = 0; i < 12; i++) {
      assertThat(junkCount(core.anna())).isZero();
      flow.clock.advance(Duration.ofSeconds(10));
      flow.settle();
    }
    assertThat(junkCount(core.anna())).isEqualTo(1);
    assertThat(node.calls()).hasSizeBetween(6, 9);
    assertQueueEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "returnsNothing",
        "returnsText",
        "unknownAction",
        "noList",
        "deep",
        "notAnAddress",
        "thousands",
        "huge",
        "notThere",
        "never",
        "endless",
        "trickle",
        "garbage",
        "cutOff",
        "redirects",
        "throttled"
      })
  @DisplayName("Whatever comes back is bounded in time and size, and counts as a failure")
  void hostile(String function) {
    inbound(function, asked(function, 0, "DELIVER_TO_JUNK"));
    long start = System.nanoTime();
    receive(ANNA);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(junkCount(core.anna())).isEqualTo(1);
    assertQueueEmpty();
  }

  @Test
  @DisplayName("The 250 does not wait for a slow function, and other mail is not delayed by it")
  void slow() {
    inbound("never", asked("never", 0, "DEFAULT"));
    try (var sending = flow.inbound(FRIEND).to(ANNA)) {
      assertThat(sending.verdict(MailflowFixture.message(FRIEND, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    assertThat(flow.flow().activeCount()).as("the function runs yet").isEqualTo(1);
    outbound("callbackDefault", asked("callbackDefault", 0, "DROP"));
    try (var sending = flow.submission(core.anna(), ANNA).to(FRIEND)) {
      sending.verdict(MailflowFixture.message(ANNA, "Other"));
    }
    MailflowFixture.await(() -> flow.sink.messages().size() == 1);
    flow.settle();
    assertThat(flow.inbox(core.anna())).hasSize(1);
  }

  @Test
  @DisplayName("What the function puts in the message's place is delivered; outbound it is sent")
  void replaced() {
    inbound("disclaimer", asked("disclaimer", 0, "DROP"));
    outbound("disclaimer", asked("disclaimer", 0, "DROP"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna()))
        .singleElement()
        .asString()
        .startsWith("Return-Path: <friend@far.example>\r\nReceived: ")
        .contains("Subject: [checked]\r\n")
        .endsWith("Hello.\r\nA disclaimer.\r\n");
    submit("", FRIEND);
    assertThat(flow.sink.messages())
        .singleElement()
        .satisfies(sent ->
            assertThat(sent.text())
                .contains("Subject: [checked]\r\n")
                .doesNotContain("Return-Path")
                .endsWith("A disclaimer.\r\n"));
  }

  @Test
  void aReplacementCountsAlthoughTheFunctionFailsAfterIt() {
    inbound("replacesAndFails", asked("replacesAndFails", 0, "DEFAULT"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna()))
        .singleElement()
        .asString()
        .contains("Removed")
        .endsWith("\r\n");
  }

  @Test
  void aReplacementThatBreaksTheRulesIsRefused() {
    inbound("forges", asked("forges", 0, "DEFAULT"));
    receive(ANNA);
    assertThat(flow.inbox(core.anna())).singleElement().asString().contains("From: " + FRIEND);
  }

  @Test
  @DisplayName("LMTP hears at once that the message is queued; it waits for no function")
  void lmtp() {
    inbound("callbackDefault", asked("callbackDefault", 0, "DROP"));
    try (var sending = flow.lmtp(FRIEND).to(ANNA, BERT)) {
      var outcome = sending.data(MailflowFixture.message(FRIEND, "Hello"));
      assertThat(((org.mailstead.smtp.server.Reception.Outcome.Each) outcome).verdicts())
          .hasSize(2)
          .allMatch(Verdict.Accepted.class::isInstance);
    }
    flow.settle();
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.bert())).hasSize(1);
  }
}
