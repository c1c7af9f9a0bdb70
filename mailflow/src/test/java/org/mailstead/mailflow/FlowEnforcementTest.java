package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.Verdict;

final class FlowEnforcementTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";

  private final MailflowFixture flow =
      new MailflowFixture(settings -> settings.with(AuthenticationSettings.standard()));
  private final CoreFixture core = flow.core;
  private final FlowRules<InboundAction> inbound =
      FlowRules.inbound(core.directory(), core.clock(), new Random(1));
  private final FlowRules<OutboundAction> outbound =
      FlowRules.outbound(core.directory(), core.clock(), new Random(2));

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private String inbound(String name, InboundAction action, String... patterns) {
    return inbound.create(
        core.change("CreateInboundMailFlowRule"),
        core.organization(),
        FlowRule.Terms.inbound(name, action, parse(patterns), Optional.empty()),
        Optional.empty());
  }

  private String outbound(OutboundAction action, String sender, String recipient) {
    return outbound.create(
        core.change("CreateOutboundMailFlowRule"),
        core.organization(),
        new FlowRule.Terms<>(
            action + " " + recipient,
            action,
            parse(sender),
            parse(recipient),
            Optional.empty(),
            Optional.empty()),
        Optional.empty());
  }

  private static List<AddressPattern> parse(String... patterns) {
    return java.util.Arrays.stream(patterns).map(AddressPattern::parse).toList();
  }

  private Verdict receive(String header, String... to) {
    try (var sending = flow.inbound(FRIEND).to(to)) {
      Verdict verdict = sending.verdict(header + MailflowFixture.message(FRIEND, "Hello"));
      flow.settle();
      return verdict;
    }
  }

  private void submit(String... to) {
    try (var sending = flow.submission(core.anna(), ANNA).to(to)) {
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  private int junkCount(EntityId user) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of("Junk E-mail")).orElseThrow().id());
    return view.count();
  }

  @Test
  @DisplayName("FLW-1: Drop is silent, for one recipient and for many, and holds at once")
  void drop() {
    assertThat(receive("", ANNA)).isInstanceOf(Verdict.Accepted.class);
    String rule = inbound("d", InboundAction.DROP, "far.example");
    assertThat(receive("", ANNA)).isInstanceOf(Verdict.Accepted.class);
    assertThat(receive("", ANNA, "team@example.test")).isInstanceOf(Verdict.Accepted.class);
    inbound.delete(core.change("Delete"), core.organization(), rule);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.carl())).isEmpty();
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();
    receive("", ANNA);
    assertThat(flow.inbox(core.anna())).hasSize(2);
    assertThat(flow.events)
        .anySatisfy(event ->
            assertThat(event.event())
                .isEqualTo(
                    new EmailEvent.RuleApplied(
                        "d",
                        "INBOUND_RULE",
                        List.of(new EmailEvent.RuleApplied.RuleAction("DROP", List.of(ANNA))),
                        Optional.empty(),
                        Optional.empty())));
  }

  @Test
  @DisplayName("FLW-1: Bounce is refused at the end of the data, so that the sender hears of it")
  void bounce() {
    inbound("b", InboundAction.BOUNCE, "*far.example");
    Verdict verdict = receive("", ANNA, BERT);
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) verdict).reply().toString())
        .isEqualTo("550 5.7.1 The administrator of the recipient has blocked this message");
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void bounceByLmtpIsAnsweredForEachRecipient() {
    inbound("b", InboundAction.BOUNCE, "far.example");
    try (var sending = flow.lmtp(FRIEND).to(ANNA, BERT)) {
      var each = (Reception.Outcome.Each) sending.data(MailflowFixture.message(FRIEND, "Hello"));
      assertThat(each.verdicts()).hasSize(2).allMatch(v -> v instanceof Verdict.Rejected);
    }
    flow.settle();
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void aColleagueThatTheInboundRulesBounceHearsOfItByReport() {
    inbound("b", InboundAction.BOUNCE, ANNA);
    submit(BERT);
    assertThat(flow.inbox(core.bert())).isEmpty();
    assertThat(flow.inbox(core.anna()))
        .singleElement()
        .asString()
        .contains("Diagnostic-Code: smtp; 550 5.7.1 The administrator of the recipient has");
  }

  @Test
  @DisplayName("FLW-1: Deliver to junk folder, directly and by the queue; a submission too")
  void junk() {
    inbound("j", InboundAction.DELIVER_TO_JUNK, "*");
    receive("", ANNA);
    receive("", ANNA, BERT);
    submit(BERT);
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(junkCount(core.anna())).isEqualTo(2);
    assertThat(junkCount(core.bert())).isEqualTo(2);
  }

  @Test
  @DisplayName("FLW-1: Never deliver to junk folder beats a quarantine policy, Default does not")
  void neverJunk() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=quarantine");
    inbound("d", InboundAction.DEFAULT, "*far.example");
    receive("", ANNA);
    assertThat(junkCount(core.anna())).isEqualTo(1);
    inbound("n", InboundAction.NEVER_DELIVER_TO_JUNK, FRIEND);
    receive("", ANNA);
    receive("", ANNA, BERT);
    assertThat(flow.inbox(core.anna())).hasSize(2);
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(junkCount(core.anna())).isEqualTo(1);
  }

  @Test
  @DisplayName("FLW-9: no rule lets a message in that its DMARC policy refuses")
  void dmarcRejectComesFirst() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=reject");
    inbound("n", InboundAction.NEVER_DELIVER_TO_JUNK, FRIEND);
    assertThat(receive("", ANNA)).isInstanceOf(Verdict.Rejected.class);
  }

  @Test
  @DisplayName("FLW-1: the Sender field decides before From")
  void senderField() {
    inbound("d", InboundAction.DROP, "list.example");
    inbound("j", InboundAction.DELIVER_TO_JUNK, FRIEND);
    receive("Sender: The list <bounces@LIST.example>\r\n", ANNA);
    assertThat(junkCount(core.anna())).isZero();
    receive("Sender: other@other.example\r\n", ANNA);
    assertThat(junkCount(core.anna())).isEqualTo(1);
    assertThat(flow.inbox(core.anna())).isEmpty();
  }

  @Test
  void brokenSendersAreMatchedByStarAndNothingBreaks() {
    inbound("j", InboundAction.DELIVER_TO_JUNK, "*");
    receive("Sender: <<>> @@ \0 ,,,;:\r\n", ANNA);
    receive("Sender: " + "x@y.example, ".repeat(500) + "z@y.example\r\n", ANNA);
    assertThat(junkCount(core.anna())).isEqualTo(2);
  }

  @Test
  @DisplayName("FLW-2: each recipient has its own outbound rule")
  void outboundPerRecipient() {
    outbound(OutboundAction.DROP, "*", "far.example");
    outbound(OutboundAction.BOUNCE, "*", "blocked@far.example");
    outbound(OutboundAction.DEFAULT, ANNA, FRIEND);
    submit(FRIEND, "dropped@far.example", "blocked@far.example", BERT);
    assertThat(flow.sink.messages())
        .singleElement()
        .satisfies(sent -> assertThat(sent.addresses()).containsExactly(FRIEND));
    assertThat(flow.inbox(core.bert())).hasSize(1);
    var report = DeliveryTest.Report.parse(flow.inbox(core.anna()).getFirst());
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(report.recipients())
        .singleElement()
        .satisfies(fields ->
            assertThat(fields)
                .containsEntry("Final-Recipient", "rfc822; blocked@far.example")
                .containsEntry("Action", "failed")
                .containsEntry("Status", "5.7.1")
                .containsEntry(
                    "Diagnostic-Code",
                    "smtp; 550 5.7.1 Your administrator has blocked this message to this"
                        + " recipient"));
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("FLW-2: outbound rules are for recipients outside of the organization")
  void outboundRulesLeaveColleaguesAlone() {
    outbound(OutboundAction.DROP, "*", "*");
    submit(BERT, FRIEND);
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(flow.sink.messages()).isEmpty();
    assertThat(flow.inbox(core.anna())).isEmpty();
  }

  @Test
  void aBlockedRecipientStaysBlockedOverARestart() {
    outbound(OutboundAction.BOUNCE, "*", "blocked@far.example");
    flow.sink.answerRecipients(to -> Verdict.deferred(451, "4.3.0", "Wait"));
    submit(FRIEND, "blocked@far.example");
    flow.restart();
    flow.sink.answerRecipients(to -> Verdict.accepted());
    flow.clock.advance(java.time.Duration.ofMinutes(2));
    flow.settle();
    assertThat(flow.sink.messages())
        .singleElement()
        .satisfies(sent -> assertThat(sent.addresses()).containsExactly(FRIEND));
    assertThat(flow.inbox(core.anna())).hasSize(1);
    flow.checkQueueEmpty();
  }
}
