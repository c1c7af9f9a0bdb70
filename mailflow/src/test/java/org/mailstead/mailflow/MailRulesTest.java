package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.policy.JournalingRules;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.core.rules.InboxRule;
import org.mailstead.core.rules.InboxRules;
import org.mailstead.core.rules.MailboxScripts;
import org.mailstead.core.rules.OutOfOffice;
import org.mailstead.core.trace.TraceEntry;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.smtp.server.Verdict;

/// Users' rules, through reception, queue and mailboxes.
class MailRulesTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";
  private static final String OTHER = "other@far.example";

  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private void script(EntityId user, String script) {
    var scripts = new MailboxScripts(core.mailbox(user));
    scripts.put("s", script);
    scripts.activate(Optional.of("s"));
  }

  private void send(String from, String to, String message) {
    try (var sending = flow.inbound(from).to(to)) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
  }

  private static String mail(String from, String to, String subject, String more) {
    return "From: "
        + from
        + "\r\nTo: "
        + to
        + "\r\nSubject: "
        + subject
        + "\r\nMessage-ID: <"
        + subject.hashCode()
        + "@far.example>\r\n"
        + "Date: Fri, 1 Jan 2027 00:00:00 +0000\r\n"
        + more
        + "\r\nHello.\r\n";
  }

  private List<String> folder(EntityId user, String... path) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of(path)).orElseThrow().id());
    List<String> texts = new ArrayList<>();
    for (int i = 1; i <= view.count(); i++) {
      try (Content content = mailbox.content(view.email(i))) {
        texts.add(StandardCharsets.UTF_8.decode(content.buffer()).toString());
      }
    }
    return texts;
  }

  @Test
  @DisplayName("FLW-8, USR-9: filing on the direct way, with flags, into new folders")
  void filing() {
    script(
        core.anna(),
        """
        require ["fileinto", "mailbox", "imap4flags", "copy", "special-use"];
        if header :contains "subject" "work" {
          addflag "\\\\Seen";
          fileinto :create :copy "Work/New";
          fileinto :specialuse "\\\\Trash" "none";
        } elsif header :contains "subject" "gone" { discard; }
        elsif header :contains "subject" "nowhere" { fileinto "No/Such"; }
        """);
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "work 1", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "gone", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "nowhere", ""));
    assertThat(folder(core.anna(), "Work", "New")).hasSize(1);
    assertThat(folder(core.anna(), "Deleted Items")).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.anna()).getFirst()).contains("nowhere");
    Mailbox mailbox = core.mailbox(core.anna());
    FolderView view = mailbox.view(mailbox.findFolder(List.of("Work", "New")).orElseThrow().id());
    assertThat(view.flags(1)).isEqualTo(1);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("USR-9: the folder of an inbox rule is made; the trace names where the message is")
  void inboxRulesMakeTheirFolders() {
    var news =
        new InboxRule.Conditions(
            List.of("news@"),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            false,
            false,
            Optional.empty(),
            Optional.empty());
    var move =
        new InboxRule.Actions(
            Optional.of("Lists/News"),
            List.of(),
            false,
            false,
            List.of(),
            List.of(),
            true,
            false,
            false,
            true);
    var rule = new InboxRule("News", true, news, InboxRule.Conditions.NONE, move);
    new InboxRules(core.mailbox(core.anna())).put(List.of(rule));
    script(core.anna(), "require \"fileinto\"; fileinto \"No/Such\";");
    send("news@far.example", ANNA, mail("news@far.example", ANNA, "first", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "second", ""));
    assertThat(folder(core.anna(), "Lists", "News")).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.traced)
        .filteredOn(TraceEntry.Happened.class::isInstance)
        .map(each -> ((TraceEntry.Happened) each).event())
        .filteredOn(event -> event.kind() == TraceEvent.Kind.DELIVERED)
        .map(event -> event.action().orElse(""))
        .containsExactly("Lists/News", "INBOX");
    // The rule that applied is told of once, to the log and to the trace.
    assertThat(flow.events)
        .map(LogRecord.Email::event)
        .filteredOn(EmailEvent.RuleApplied.class::isInstance)
        .containsExactly(
            new EmailEvent.RuleApplied(
                "News",
                "MAILBOX_RULE",
                List.of(
                    new EmailEvent.RuleApplied.RuleAction("MARK_AS_READ", List.of()),
                    new EmailEvent.RuleApplied.RuleAction("MOVE_TO_FOLDER", List.of()),
                    new EmailEvent.RuleApplied.RuleAction("STOP_PROCESSING_RULES", List.of())),
                Optional.of("Lists/News"),
                Optional.of(ANNA)));
    assertThat(flow.traced)
        .filteredOn(TraceEntry.Happened.class::isInstance)
        .map(each -> ((TraceEntry.Happened) each).event())
        .filteredOn(event -> event.kind() == TraceEvent.Kind.MAILBOX_RULE)
        .singleElement()
        .satisfies(event -> assertThat(event.rule()).contains("News"));
  }

  @Test
  void filingThroughTheQueueForEachOfAGroup() {
    script(core.bert(), "require [\"fileinto\",\"mailbox\"]; fileinto :create \"List\";");
    send(FRIEND, "team@example.test", mail(FRIEND, "team@example.test", "x", ""));
    assertThat(folder(core.bert(), "List")).hasSize(1);
    assertThat(flow.inbox(core.bert())).isEmpty();
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.carl())).hasSize(1);
  }

  @Test
  @DisplayName("RFC 8689 §6: a redirect does not leave the demand for TLS behind")
  void aRedirectKeepsTheDemandForTls() {
    script(core.anna(), "redirect \"" + OTHER + "\";");
    try (var sending =
        flow.inbound(MailflowFixture.mailFrom(FRIEND).withRequireTls(true)).to(ANNA)) {
      assertThat(sending.verdict(mail(FRIEND, ANNA, "secret", "")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    // The next server speaks no TLS.
    assertThat(flow.sink.messages()).isEmpty();
  }

  @Test
  @DisplayName(
      "FLW-8: a redirect keeps the message octet for octet, with SRS; its bounce comes back")
  void redirectAndBounce() {
    script(core.anna(), "redirect \"" + OTHER + "\";");
    String message = mail("Friend <" + FRIEND + ">", ANNA, "on", "X-Odd:  two  spaces \r\n");
    send(FRIEND, ANNA, message);
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.sink.messages()).hasSize(1);
    var sent = flow.sink.messages().getFirst();
    assertThat(sent.text()).startsWith("Delivered-To: anna@example.test\r\nReceived: ");
    assertThat(sent.text()).endsWith(message);
    assertThat(sent.recipients().getFirst().address().toString()).isEqualTo(OTHER);
    EmailAddress path = sent.from().reversePath().orElseThrow();
    assertThat(path.toString()).startsWith("SRS0=").endsWith("=far.example=friend@example.test");
    // Its bounce goes to who sent it first.
    send("", path.toString(), mail("mailer-daemon@far.example", path.toString(), "Failed", ""));
    assertThat(flow.sink.messages()).hasSize(2);
    var bounce = flow.sink.messages().getLast();
    assertThat(bounce.from().reversePath()).isEmpty();
    assertThat(bounce.recipients().getFirst().address().toString()).isEqualTo(FRIEND);
    // Nothing but bounces, nothing that was not made here, nothing old.
    try (var sending = flow.inbound("x@far.example").to(path.toString())) {
      assertThat(sending.recipients.getFirst().toString()).contains("550 5.7.1");
    }
    try (var sending = flow.inbound("").to("SRS0=aaaaaaaa=aa=far.example=friend@example.test")) {
      assertThat(sending.recipients.getFirst().toString()).contains("550 5.1.1");
    }
    flow.clock.advance(Duration.ofDays(23));
    try (var sending = flow.inbound("").to(path.toString())) {
      assertThat(sending.recipients.getFirst().toString()).contains("too old");
    }
    flow.checkQueueEmpty();
  }

  @Test
  void redirectsInCirclesEndInAMailbox() {
    script(core.anna(), "redirect \"" + BERT + "\";");
    script(core.bert(), "redirect \"" + ANNA + "\";");
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "round", ""));
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.bert())).isEmpty();
    // The same over another server.
    script(core.carl(), "redirect \"" + OTHER + "\";");
    send(FRIEND, "carl@example.test", mail(FRIEND, "carl@example.test", "out", ""));
    var sent = flow.sink.messages().getFirst();
    send(sent.from().reversePath().orElseThrow().toString(), "carl@example.test", sent.text());
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(flow.inbox(core.carl())).hasSize(1);
    flow.checkQueueEmpty();
  }

  @Test
  void aForwardIsAMessageOfTheUserAndCirclesToo() {
    script(core.anna(), "require \"vnd.mailstead.rules\"; forward \"" + OTHER + "\";");
    String message = mail(FRIEND, ANNA, "Grüße", "");
    send(FRIEND, ANNA, message);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    var sent = flow.sink.messages().getFirst();
    assertThat(sent.from().reversePath().orElseThrow().toString()).isEqualTo(ANNA);
    assertThat(sent.text())
        .contains("From: <" + ANNA + ">\r\n", "Content-Type: message/rfc822", message);
    assertThat(sent.text()).contains("Subject: =?utf-8?B?");
    send(FRIEND, ANNA, sent.text());
    assertThat(flow.sink.messages()).hasSize(1);
  }

  @Test
  @DisplayName("LIM-3: what rules send counts; without room the message stays")
  void limits() {
    flow.maxima = new SendingMaxima(2, 100, 100);
    flow.restart();
    script(core.anna(), "redirect \"" + OTHER + "\";");
    for (int i = 0; i < 3; i++) send(FRIEND, ANNA, mail(FRIEND, ANNA, "n" + i, ""));
    assertThat(flow.sink.messages()).hasSize(2);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.limits().usage(core.account()).external()).isEqualTo(2);
    script(core.bert(), "redirect \"" + ANNA + "\";");
    send(FRIEND, BERT, mail(FRIEND, BERT, "inside", ""));
    assertThat(flow.limits().usage(core.account()).users()).doesNotContainKey(core.bert().value());
  }

  @Test
  @DisplayName("FLW-2: outbound mail flow rules hold for redirects")
  void outboundRules() {
    FlowRules.outbound(core.directory(), flow.clock, new java.util.Random(1))
        .create(
            core.change("CreateOutboundMailFlowRule"),
            core.organization(),
            new FlowRule.Terms<>(
                "block",
                OutboundAction.BOUNCE,
                List.of(AddressPattern.any()),
                List.of(AddressPattern.any()),
                Optional.empty(),
                Optional.empty()),
            Optional.empty());
    script(core.anna(), "redirect \"" + OTHER + "\";");
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "x", ""));
    assertThat(flow.sink.messages()).isEmpty();
    assertThat(flow.inbox(core.anna())).hasSize(1);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("JRN-1: a report names whom a message was forwarded to")
  void journaling() {
    new JournalingRules(core.directory())
        .put(
            core.change("SetJournalingRules"),
            core.organization(),
            new JournalingRules.Rules(
                true,
                Optional.of(EmailAddress.parse("archive@far.example")),
                Optional.of(EmailAddress.parse("carl@example.test"))));
    script(core.anna(), "redirect \"" + OTHER + "\";");
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "x", ""));
    List<String> texts = flow.sink.messages().stream().map(TestSink.Message::text).toList();
    assertThat(texts).hasSize(3);
    assertThat(texts)
        .filteredOn(text -> text.contains("To: " + OTHER + ", Forwarded: " + ANNA + "\r\n"))
        .hasSize(1);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("RFC 5429 §2.1: a rejection is said in the dialogue; nothing is kept, nothing sent")
  void reject() {
    script(core.anna(), "require \"ereject\"; ereject \"Not for me,\r\nthänks.\";");
    for (String from : List.of(FRIEND, "")) {
      try (var sending = flow.inbound(from).to(ANNA)) {
        assertThat(sending.verdict(mail(FRIEND, ANNA, "x", "")).toString())
            .contains("550 5.7.1 Not for me,")
            .doesNotContain("\r", "ä");
      }
      flow.settle();
    }
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("RFC 5429: a rejection by one of several, or of a user's mail, is a report")
  void rejectByReport() {
    script(core.anna(), "require \"reject\"; reject \"Not for me, thanks.\";");
    try (var sending = flow.inbound(FRIEND).to(ANNA, BERT)) {
      assertThat(sending.verdict(mail(FRIEND, ANNA, "x", ""))).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(flow.sink.messages().getFirst().text())
        .contains("Diagnostic-Code: smtp; 550 5.7.1 Not for me, thanks.");
    try (var sending = flow.submission(core.bert(), BERT).to(ANNA)) {
      assertThat(sending.verdict(mail(BERT, ANNA, "y", ""))).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(2);
    assertThat(flow.inbox(core.bert()).getLast()).contains("550 5.7.1 Not for me, thanks.");
    flow.checkQueueEmpty();
  }

  private void away(EntityId user, String internal, String external) {
    new InboxRules(core.mailbox(user))
        .putOutOfOffice(
            new OutOfOffice(
                true,
                Optional.empty(),
                Optional.of(flow.clock.instant().plus(Duration.ofDays(10))),
                Optional.empty(),
                Optional.of(internal),
                external.isEmpty() ? Optional.empty() : Optional.of(external)),
            "h" + flow.clock.instant() + internal);
  }

  private static String body(String message) {
    String encoded = message.substring(message.indexOf("\r\n\r\n") + 4).replaceAll("\\s", "");
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
  }

  @Test
  @DisplayName("RFC 3834: out of office answers once a sender, inside and outside by its own text")
  void outOfOffice() {
    away(core.anna(), "Inside: bin im Büro zurück", "Outside ${1}");
    String message = mail(FRIEND, ANNA, "Question", "References: <a@b> <c@d>\r\n");
    send(FRIEND, ANNA, message);
    send(FRIEND, ANNA, message);
    assertThat(flow.inbox(core.anna())).hasSize(2);
    assertThat(flow.sink.messages()).hasSize(1);
    var reply = flow.sink.messages().getFirst();
    assertThat(reply.from().reversePath()).isEmpty();
    assertThat(reply.recipients().getFirst().address().toString()).isEqualTo(FRIEND);
    String id = "<" + "Question".hashCode() + "@far.example>";
    assertThat(reply.text())
        .contains(
            "From: <anna@example.test>\r\n",
            "To: <friend@far.example>\r\n",
            "Subject: Automatic reply: Question\r\n",
            "In-Reply-To: " + id + "\r\n",
            "References: <a@b>\r\n <c@d>\r\n " + id + "\r\n",
            "Auto-Submitted: auto-replied");
    assertThat(body(reply.text())).isEqualTo("Outside ${1}");
    send(OTHER, ANNA, mail(OTHER, ANNA, "Another", ""));
    assertThat(flow.sink.messages()).hasSize(2);
    // Inside, and the answer is not answered.
    away(core.bert(), "Bert is away", "");
    try (var sending = flow.submission(core.bert(), BERT).to(ANNA)) {
      assertThat(sending.verdict(mail(BERT, ANNA, "Inside", "")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(body(flow.inbox(core.bert()).getFirst())).isEqualTo("Inside: bin im Büro zurück");
    // No text for outside: nothing goes there.
    send(FRIEND, BERT, mail(FRIEND, BERT, "x", ""));
    assertThat(flow.sink.messages()).hasSize(2);
    // After the time is over, and for a new absence.
    flow.clock.advance(Duration.ofDays(11));
    send("third@far.example", ANNA, mail("third@far.example", ANNA, "Late", ""));
    assertThat(flow.sink.messages()).hasSize(2);
    away(core.anna(), "Again", "Again away");
    send(FRIEND, ANNA, message);
    assertThat(flow.sink.messages()).hasSize(3);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName(
      "RFC 3834 §2: no answer to lists, programs, automatic mail, nor where nobody is named")
  void noAnswers() {
    away(core.anna(), "In", "Out");
    String to = ANNA;
    send("", to, mail(FRIEND, to, "null", ""));
    send("owner-list@far.example", to, mail(FRIEND, to, "a", ""));
    send("list-request@far.example", to, mail(FRIEND, to, "b", ""));
    send("MAILER-DAEMON@far.example", to, mail(FRIEND, to, "c", ""));
    send("no-reply@far.example", to, mail(FRIEND, to, "d", ""));
    send(FRIEND, to, mail(FRIEND, to, "e", "Auto-Submitted: auto-generated\r\n"));
    send(FRIEND, to, mail(FRIEND, to, "f", "List-Id: <l.far.example>\r\n"));
    send(FRIEND, to, mail(FRIEND, to, "g", "Precedence: bulk\r\n"));
    send(FRIEND, to, mail(FRIEND, to, "h", "X-Auto-Response-Suppress: DR, OOF\r\n"));
    send(FRIEND, to, mail(FRIEND, "undisclosed-recipients:;", "i", ""));
    send(FRIEND, to, mail(FRIEND, "team@example.test", "j", ""));
    assertThat(flow.inbox(core.anna())).hasSize(11);
    assertThat(flow.sink.messages()).isEmpty();
    send(FRIEND, to, mail(FRIEND, "Anna <" + to + ">", "k", "Auto-Submitted: no\r\n"));
    assertThat(flow.sink.messages()).hasSize(1);
  }

  @Test
  void aBrokenScriptLosesNothingAndItsOwnerHearsOnce() {
    StringBuilder many = new StringBuilder("require [\"fileinto\",\"reject\"]; fileinto \"A\";");
    many.append("reject \"x\";");
    script(core.anna(), many.toString());
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "one", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "two", ""));
    List<String> inbox = flow.inbox(core.anna());
    assertThat(inbox).hasSize(3);
    assertThat(inbox)
        .filteredOn(text -> text.contains("Your mail rules do not work"))
        .singleElement()
        .asString()
        .contains("the Sieve script", "line 1: reject does not go together");
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("Junk is filed as junk; no rules run for it")
  void junk() {
    FlowRules.inbound(core.directory(), flow.clock, new java.util.Random(1))
        .create(
            core.change("CreateInboundMailFlowRule"),
            core.organization(),
            FlowRule.Terms.inbound(
                "junk",
                InboundAction.DELIVER_TO_JUNK,
                List.of(AddressPattern.any()),
                Optional.empty()),
            Optional.empty());
    script(core.anna(), "redirect \"" + OTHER + "\";");
    away(core.anna(), "In", "Out");
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "x", ""));
    assertThat(flow.sink.messages()).isEmpty();
    assertThat(folder(core.anna(), "Junk E-mail")).hasSize(1);
  }

  @Test
  @DisplayName("RFC 7352: a duplicate is found, and a repetition of the same delivery is none")
  void duplicates() {
    script(core.anna(), "require \"duplicate\"; if duplicate { discard; }");
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "same", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "same", ""));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "other", ""));
    assertThat(flow.inbox(core.anna())).hasSize(2);
    flow.clock.advance(Duration.ofDays(8));
    send(FRIEND, ANNA, mail(FRIEND, ANNA, "same", ""));
    assertThat(flow.inbox(core.anna())).hasSize(3);
  }

  @Test
  void lmtpHearsWhatTheRulesDid() {
    script(core.anna(), "redirect \"" + OTHER + "\";");
    script(core.bert(), "require \"reject\"; reject \"No.\";");
    try (var sending = flow.lmtp(FRIEND).to(ANNA, BERT)) {
      var outcome =
          (org.mailstead.smtp.server.Reception.Outcome.Each)
              sending.data(mail(FRIEND, ANNA, "x", ""));
      assertThat(outcome.verdicts().get(0)).isInstanceOf(Verdict.Accepted.class);
      assertThat(outcome.verdicts().get(1).toString()).contains("550 5.7.1 No.");
    }
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    flow.checkQueueEmpty();
  }
}
