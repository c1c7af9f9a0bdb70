package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.LambdaHook;
import org.mailstead.core.policy.JournalingRules;
import org.mailstead.http.aws.FunctionClient;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.store.FaultPlan.Fault;

/// JRN-1, through reception and queue. The journaling address is elsewhere, the report address is
/// carl's, unless a test says otherwise.
class JournalingTest {
  private static final String ARCHIVE = "archive@far.example";
  private static final String ANNA = "anna@example.test";
  private static final String FRIEND = "friend@far.example";
  private static final int STEP_MAX = 400;

  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private static void journal(MailflowFixture flow, boolean on, String to, String failures) {
    new JournalingRules(flow.core.directory())
        .put(
            flow.core.change("SetJournalingRules"),
            flow.core.organization(),
            new JournalingRules.Rules(
                on,
                Optional.of(EmailAddress.parse(to)),
                Optional.of(EmailAddress.parse(failures))));
  }

  private void on() {
    journal(flow, true, ARCHIVE, "carl@example.test");
  }

  private static String mail(String from, String to, String more, String body) {
    return "From: "
        + from
        + "\r\nTo: "
        + to
        + "\r\nSubject: Plans\r\nMessage-ID: <1@x>\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\n"
        + more
        + "\r\n"
        + body;
  }

  private static List<String> fields(String report) {
    String[] parts = report.split("\r\n\r\n", 4);
    return parts[2].lines().filter(line -> line.contains(": ")).toList();
  }

  /// What stands in the attachment.
  private static String original(String report) {
    String boundary = report.substring(report.indexOf("boundary=\"") + 10).split("\"", 2)[0];
    String start = "Content-Disposition: attachment\r\n\r\n";
    int from = report.indexOf(start) + start.length();
    return report.substring(from, report.lastIndexOf("\r\n--" + boundary + "--\r\n"));
  }

  private List<String> reports() {
    return flow.sink.messages().stream()
        .filter(m -> m.recipients().getFirst().address().toString().equals(ARCHIVE))
        .map(TestSink.Message::text)
        .toList();
  }

  @Test
  @DisplayName("JRN-1: one report for a message from outside to many, with the groups behind them")
  void inbound() {
    on();
    String message =
        mail(
            FRIEND,
            "Team <team@example.test>",
            "Cc: bert@example.test\r\n",
            "\u00e4 body\r\n.\r\n");
    try (var sending = flow.inbound(FRIEND).to("team@example.test", "bert@example.test", ANNA)) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(reports()).hasSize(1);
    String report = reports().getFirst();
    assertThat(report).contains("From: <amazonjournaling@example.mail.test>\r\n");
    assertThat(report).contains("\r\nX-MS-Journal-Report:\r\n").contains("\r\nSubject: Plans\r\n");
    // Members of a group come in the order of their ids, which are random.
    assertThat(fields(report))
        .containsExactlyInAnyOrder(
            "Sender: " + FRIEND,
            "Subject: Plans",
            "Message-ID: <1@x>",
            "To: anna@example.test, Expanded: team@example.test",
            "To: bert@example.test, Expanded: team@example.test",
            "To: carl@example.test, Expanded: team@example.test");
    assertThat(original(report)).isEqualTo(message);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("JRN-1 FLW-6: whom a function adds is journaled, in a report with the verdict")
  void addedByAFunction() {
    String answer =
        "{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"DEFAULT\"}},"
            + "{\"recipients\":[\"bert@example.test\",\"team@example.test\"],"
            + "\"action\":{\"type\":\"DEFAULT\"}},"
            + "{\"recipients\":[\"carl@example.test\"],\"action\":{\"type\":\"DROP\"}}]}";
    try (var asked =
        new MailflowFixture((_, _, _) ->
            new FunctionClient.Answer.Returned(answer.getBytes(StandardCharsets.UTF_8)))) {
      journal(asked, true, ARCHIVE, "carl@example.test");
      FlowRules.inbound(asked.core.directory(), asked.clock, new Random(1))
          .create(
              asked.core.change("CreateInboundMailFlowRule"),
              asked.core.organization(),
              FlowRule.Terms.inbound(
                  "f",
                  InboundAction.RUN_LAMBDA,
                  List.of(AddressPattern.any()),
                  Optional.of(
                      new LambdaHook("arn:f", true, Optional.of(30), Optional.of("BOUNCE")))),
              Optional.empty());
      String message = mail(FRIEND, ANNA, "", "x\r\n");
      try (var sending = asked.inbound(FRIEND).to(ANNA)) {
        assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
      }
      asked.settle();
      List<String> reports =
          asked.sink.messages().stream()
              .filter(m -> m.addresses().contains(ARCHIVE))
              .map(TestSink.Message::text)
              .toList();
      assertThat(reports).hasSize(2);
      assertThat(fields(reports.getFirst())).contains("To: " + ANNA);
      assertThat(String.join("\n", fields(reports.getLast())))
          .contains("bert@example.test")
          .doesNotContain(": " + ANNA);
      assertThat(original(reports.getLast())).endsWith("\r\n\r\nx\r\n");
      assertThat(asked.inbox(asked.core.bert())).hasSize(1);
      asked.checkQueueEmpty();
    }
  }

  @Test
  @DisplayName("JRN-1: a single mailbox from outside is journaled too; hidden recipients show")
  void inboundToOne() {
    on();
    String message = mail(FRIEND, "undisclosed:;", "", "x\r\n");
    try (var sending = flow.inbound(FRIEND).to(ANNA)) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(reports()).hasSize(1);
    assertThat(fields(reports().getFirst())).contains("Recipient: anna@example.test");
    assertThat(flow.inbox(core.anna())).hasSize(1);
  }

  @Test
  @DisplayName("JRN-1: one report for a message of a user, with Cc and Bcc, and the Bcc field kept")
  void outbound() {
    on();
    String message =
        mail(
            ANNA,
            FRIEND,
            "Cc: bert@example.test\r\nBcc: carl@example.test\r\n",
            "b\r\n--=_x--\r\n");
    try (var sending =
        flow.submission(core.anna(), ANNA)
            .to(FRIEND, "bert@example.test", "carl@example.test", "blind@far.example")) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(reports()).hasSize(1);
    assertThat(fields(reports().getFirst()))
        .containsExactly(
            "Sender: anna@example.test",
            "Subject: Plans",
            "Message-ID: <1@x>",
            "To: " + FRIEND,
            "Cc: bert@example.test",
            "Bcc: carl@example.test",
            "Bcc: blind@far.example");
    assertThat(original(reports().getFirst())).isEqualTo(message);
    assertThat(flow.inbox(core.bert()).getFirst()).doesNotContain("Bcc:");
    // Journal reports are nobody's recipients.
    assertThat(flow.limits().usage(core.account()).external()).isEqualTo(2);
  }

  @Test
  @DisplayName("JRN-1: a large message is attached octet for octet")
  void largeMessage() {
    on();
    String message = mail(FRIEND, ANNA, "", "y".repeat(70).concat("\r\n").repeat(20_000));
    try (var sending = flow.inbound(FRIEND).to(ANNA)) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(original(reports().getFirst())).isEqualTo(message);
  }

  @Test
  @DisplayName("JRN-1: on and off at once; off is off")
  void onAndOff() {
    journal(flow, false, ARCHIVE, "carl@example.test");
    deliver();
    assertThat(reports()).isEmpty();
    on();
    deliver();
    assertThat(reports()).hasSize(1);
    journal(flow, false, ARCHIVE, "carl@example.test");
    deliver();
    assertThat(reports()).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(3);
  }

  private void deliver() {
    try (var sending = flow.inbound(FRIEND).to(ANNA)) {
      assertThat(sending.verdict(mail(FRIEND, ANNA, "", "x\r\n")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  @Test
  @DisplayName("JRN-1: a mailbox here can be the journal; its reports are not journaled")
  void localJournal() {
    journal(flow, true, "bert@example.test", "carl@example.test");
    deliver();
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(flow.inbox(core.bert()).getFirst())
        .startsWith("Return-Path: <carl@example.test>\r\n");
    // Nor is what goes to the journal alone.
    try (var sending = flow.inbound(FRIEND).to("bert@example.test")) {
      sending.verdict(mail(FRIEND, "bert@example.test", "", "x\r\n"));
    }
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(2);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("JRN-1: a report that cannot be delivered is told to the report address, once")
  void failures() {
    journal(flow, true, "archive@example.test", "carl@example.test");
    deliver();
    flow.settle();
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.carl())).hasSize(1);
    assertThat(flow.inbox(core.carl()).getFirst())
        .contains("report-type=delivery-status")
        .contains("archive@example.test");
    // A failure that is told from elsewhere is not journaled either.
    on();
    try (var sending = flow.inbound("").to("carl@example.test")) {
      sending.verdict(mail("mailer-daemon@far.example", "carl@example.test", "", "failed\r\n"));
    }
    flow.settle();
    assertThat(reports()).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("JRN-1: LMTP answers for the mailboxes; the report is queued in the same commit")
  void lmtp() {
    on();
    try (var sending = flow.lmtp(FRIEND).to(ANNA, "bert@example.test")) {
      assertThat(sending.data(mail(FRIEND, ANNA, "", "x\r\n")).toString()).contains("delivered as");
    }
    flow.settle();
    assertThat(reports()).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
  }

  @Test
  void journalingNeedsTwoDifferentAddresses() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> journal(flow, true, ARCHIVE, ARCHIVE))
        .hasMessageContaining("ReportAddress");
  }

  @Test
  @DisplayName("JRN-1: a stop anywhere loses no report and doubles none")
  void aStopAnywhere() {
    int steps = 0;
    while (stop(++steps)) assertThat(steps).isLessThan(STEP_MAX);
    assertThat(steps).isGreaterThan(10);
  }

  /// The journal is a mailbox here, because only there a repeated delivery can be told from two.
  private static boolean stop(int step) {
    try (var flow = new MailflowFixture()) {
      journal(flow, true, "bert@example.test", "carl@example.test");
      String message = mail(FRIEND, ANNA, "", "x\r\n");
      boolean acknowledged = false;
      try (var sending = flow.inbound(FRIEND).to(ANNA)) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, Fault.UNAVAILABLE_BEFORE);
        acknowledged = sending.verdict(message) instanceof Verdict.Accepted;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.restart();
      flow.settle();
      flow.clock.advance(Duration.ofMinutes(1));
      flow.settle();
      int expected = acknowledged ? 1 : 0;
      assertThat(flow.inbox(flow.core.anna())).as("step " + step).hasSize(expected);
      assertThat(flow.inbox(flow.core.bert())).as("reports, step " + step).hasSize(expected);
      assertThat(flow.inbox(flow.core.carl())).as("failures, step " + step).isEmpty();
      flow.checkQueueEmpty();
      return reached;
    }
  }

  @Test
  @DisplayName("JRN-1: a lost answer anywhere loses no report and doubles none")
  void aLostAnswerAnywhere() {
    boolean reached = true;
    for (int step = 1; reached; step++) {
      assertThat(step).isLessThan(STEP_MAX);
      try (var flow = new MailflowFixture()) {
        journal(flow, true, "bert@example.test", "carl@example.test");
        try (var sending = flow.inbound(FRIEND).to(ANNA)) {
          flow.faults.failNth(step, Fault.UNKNOWN_AFTER, org.mailstead.store.FaultPlan.Call.COMMIT);
          assertThat(sending.verdict(mail(FRIEND, ANNA, "", "x\r\n")))
              .isInstanceOf(Verdict.Accepted.class);
        }
        flow.settle();
        reached = flow.faults.callCount() >= step;
        flow.faults.heal();
        flow.clock.advance(Duration.ofMinutes(1));
        flow.settle();
        assertThat(flow.inbox(flow.core.anna())).as("step " + step).hasSize(1);
        assertThat(flow.inbox(flow.core.bert())).as("step " + step).hasSize(1);
        flow.checkQueueEmpty();
      }
    }
  }
}
