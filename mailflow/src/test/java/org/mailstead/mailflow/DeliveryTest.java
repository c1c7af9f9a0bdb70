package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.xbill.DNS.Rcode;

class DeliveryTest {
  private static final String ANNA = "anna@example.test";
  private static final String FRIEND = "friend@far.example";

  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  @Test
  void aSubmissionReachesTheMailExchangerWithoutTheLinesOfFinalDelivery() {
    submit(ANNA, FRIEND, "bert@example.test");
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    TestSink.Message sent = flow.sink.messages().getFirst();
    assertThat(sent.addresses()).containsExactly(FRIEND);
    assertThat(sent.from().reversePath()).contains(EmailAddress.parse(ANNA));
    assertThat(sent.text())
        .contains("by mx.example.test with ESMTPSA")
        .doesNotContain("Return-Path");
    assertThat(flow.inbox(core.bert()).getFirst()).startsWith("Return-Path: <anna@example.test>");
    flow.checkQueueEmpty();
  }

  @Test
  void severalMessagesToOneDestinationShareAConnection() {
    flow.sink.answerRecipients(to -> Verdict.deferred(451, "4.2.0", "Later"));
    for (int i = 0; i < 5; i++) submit(ANNA, FRIEND);
    flow.settle();
    flow.sink.answerRecipients(to -> Verdict.accepted());
    flow.clock.advance(Duration.ofMinutes(1));
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(5);
    assertThat(flow.sink.messages().stream().map(TestSink.Message::session).distinct()).hasSize(1);
  }

  @Test
  @DisplayName("FLW-8: what cannot be delivered now is tried again on a schedule")
  void temporaryFailuresAreRetriedOnTheScheduleAndThenReported() {
    flow.sink.answerRecipients(to -> Verdict.deferred(450, "4.2.1", "Busy"));
    submit(ANNA, FRIEND);
    flow.settle();
    Duration waited = Duration.ZERO;
    int attempts = 1;
    for (Duration delay : MailflowSettings.of("x").retryDelays()) {
      flow.clock.advance(delay.minusSeconds(1));
      assertThat(flow.flow().runDue()).as("before " + delay).isZero();
      flow.clock.advance(Duration.ofSeconds(1));
      assertThat(flow.flow().runDue()).as("after " + delay).isGreaterThanOrEqualTo(1);
      waited = waited.plus(delay);
      attempts++;
    }
    // After four hours the sender heard that it takes long, once.
    assertThat(waited).isGreaterThan(Duration.ofHours(4));
    assertThat(flow.inbox(core.anna()))
        .singleElement()
        .satisfies(delay -> {
          Report report = Report.parse(delay);
          assertThat(report.recipients().getFirst())
              .containsEntry("Action", "delayed")
              .containsEntry("Status", "4.2.1");
        });
    while (flow.status().counts().entries() > 0) {
      flow.clock.advance(Duration.ofHours(4));
      flow.flow().runDue();
      assertThat(attempts++).isLessThan(60);
    }
    assertThat(flow.inbox(core.anna())).hasSize(2);
    Report report = Report.parse(flow.inbox(core.anna()).getLast());
    assertThat(report.recipients().getFirst())
        .containsEntry("Action", "failed")
        .containsEntry("Status", "5.4.7")
        .containsEntry("Diagnostic-Code", "smtp; 450 4.2.1 Busy");
  }

  @Test
  void eachRecipientHasItsOwnFate() {
    flow.sink.answerRecipients(to ->
        switch (to.local()) {
          case "gone" -> Verdict.rejected(550, "5.1.1", "No such user");
          case "slow" -> Verdict.deferred(451, "4.3.0", "Wait");
          default -> Verdict.accepted();
        });
    submit(ANNA, FRIEND, "gone@far.example", "slow@far.example");
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    Report report = Report.parse(flow.inbox(core.anna()).getFirst());
    assertThat(report.recipients())
        .singleElement()
        .satisfies(fields ->
            assertThat(fields)
                .containsEntry("Final-Recipient", "rfc822; gone@far.example")
                .containsEntry("Action", "failed")
                .containsEntry("Status", "5.1.1")
                .containsEntry("Remote-MTA", "dns; sink.example")
                .containsEntry("Diagnostic-Code", "smtp; 550 5.1.1 No such user"));
    flow.sink.answerRecipients(to -> Verdict.accepted());
    flow.clock.advance(Duration.ofMinutes(1));
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(2);
    assertThat(flow.sink.messages().getLast().addresses()).containsExactly("slow@far.example");
    flow.checkQueueEmpty();
  }

  @Test
  void aFailureReportTellsPeopleAndMachines() {
    flow.sink.answerRecipients(to -> Verdict.rejected(550, "5.1.1", "No such user"));
    MailFrom from =
        new MailFrom(
            Optional.of(EmailAddress.parse(ANNA)),
            OptionalLong.empty(),
            MailFrom.BodyKind.SEVEN_BIT,
            false,
            Optional.of(MailFrom.DsnReturn.FULL),
            Optional.of("QQ314159"));
    RcptTo to =
        new RcptTo(
            EmailAddress.parse(FRIEND),
            Set.of(RcptTo.Notify.FAILURE),
            Optional.of(new RcptTo.OriginalRecipient("rfc822", "old.friend@far.example")));
    String message = MailflowFixture.message(ANNA, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=");
    try (var sending = flow.submission(core.anna(), from).to(to)) {
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    String text = flow.inbox(core.anna()).getFirst();
    assertThat(text).startsWith("Return-Path: <>\r\n");
    Report report = Report.parse(text);
    assertThat(report.text())
        .contains(
            "\"Grüße\"", "friend@far.example", "There is no such address", "old.friend@far.example")
        .contains("sink.example answered: 550 5.1.1 No such user");
    assertThat(report.message())
        .containsEntry("Original-Envelope-Id", "QQ314159")
        .containsEntry("Reporting-MTA", "dns; mx.example.test")
        .containsEntry("Arrival-Date", "Fri, 1 Jan 2027 00:00:00 +0000");
    assertThat(report.recipients().getFirst())
        .containsEntry("Original-Recipient", "rfc822;old.friend@far.example");
    assertThat(report.returnedType()).isEqualTo("message/rfc822");
    assertThat(report.returned()).endsWith(message).startsWith("Received:");
    assertThat(report.header())
        .containsEntry("Auto-Submitted", "auto-replied")
        .containsEntry("To", "<anna@example.test>");
  }

  @Test
  void notifyNeverMeansSilence() {
    flow.sink.answerRecipients(to -> Verdict.rejected(550, "5.1.1", "No such user"));
    RcptTo to =
        new RcptTo(EmailAddress.parse(FRIEND), Set.of(RcptTo.Notify.NEVER), Optional.empty());
    try (var sending = flow.submission(core.anna(), ANNA).to(to)) {
      sending.verdict(MailflowFixture.message(ANNA, "x"));
    }
    flow.settle();
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void aSuccessReportComesFromTheMailboxAndTheRequestTravelsOnToOtherServers() {
    Set<RcptTo.Notify> success = Set.of(RcptTo.Notify.SUCCESS);
    try (var sending =
        flow.submission(core.anna(), ANNA)
            .to(new RcptTo(EmailAddress.parse("bert@example.test"), success, Optional.empty()))
            .to(new RcptTo(EmailAddress.parse(FRIEND), success, Optional.empty()))) {
      sending.verdict(MailflowFixture.message(ANNA, "x"));
    }
    flow.settle();
    assertThat(flow.sink.messages().getFirst().recipients().getFirst().notifications())
        .isEqualTo(success);
    Report report = Report.parse(flow.inbox(core.anna()).getFirst());
    assertThat(report.recipients())
        .singleElement()
        .satisfies(fields ->
            assertThat(fields)
                .containsEntry("Final-Recipient", "rfc822; bert@example.test")
                .containsEntry("Action", "delivered")
                .containsEntry("Status", "2.1.5"));
    assertThat(report.returnedType()).isEqualTo("text/rfc822-headers");
  }

  @Test
  void aBounceIsNeverBounced() {
    flow.sink.answerRecipients(to -> Verdict.rejected(550, "5.1.1", "No such user"));
    // From outside to a group with a full mailbox: the report goes to a sender that refuses it.
    core.mailbox(core.bert()).changeQuota(1);
    try (var sending = flow.inbound("ghost@far.example").to("nested@example.test")) {
      sending.verdict(MailflowFixture.message("ghost@far.example", "x"));
    }
    flow.settle();
    assertThat(flow.inbox(core.carl())).hasSize(1);
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();

    // And one with the null sender from the start.
    try (var sending = flow.inbound("").to("nested@example.test")) {
      sending.verdict(MailflowFixture.message("ghost@far.example", "y"));
    }
    flow.settle();
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("LIM-2: a mailbox that is full at final delivery costs a report, not the message")
  void aMailboxThatIsFullAtFinalDeliveryIsReportedToTheSender() {
    core.mailbox(core.bert()).changeQuota(1);
    try (var sending = flow.inbound(FRIEND).to("team@example.test")) {
      assertThat(sending.verdict(MailflowFixture.message(FRIEND, "x")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    TestSink.Message bounce = flow.sink.messages().getFirst();
    assertThat(bounce.from().reversePath()).isEmpty();
    assertThat(bounce.addresses()).containsExactly(FRIEND);
    Report report = Report.parse(bounce.text());
    assertThat(report.recipients().getFirst())
        .containsEntry("Final-Recipient", "rfc822; bert@example.test")
        .containsEntry("Original-Recipient", "rfc822;team@example.test")
        .containsEntry("Status", "5.2.2");
    assertThat(report.text()).contains("mailbox is full");
    assertThat(flow.inbox(core.carl())).hasSize(1);
  }

  @Test
  void aDomainThatDoesNotExistOrTakesNoMailFailsAtOnce() {
    flow.dns.mx("null.example", 0, ".").mx("lonely.example", 5, "nowhere.example");
    submit(ANNA, "a@missing.example", "b@null.example", "c@lonely.example");
    flow.settle();
    Map<String, String> states = new TreeMap<>();
    for (String text : flow.inbox(core.anna())) {
      for (Map<String, String> fields : Report.parse(text).recipients()) {
        states.put(fields.get("Final-Recipient"), fields.get("Status"));
      }
    }
    assertThat(states)
        .containsEntry("rfc822; a@missing.example", "5.1.2")
        .containsEntry("rfc822; b@null.example", "5.1.10")
        .containsEntry("rfc822; c@lonely.example", "5.4.4");
    flow.checkQueueEmpty();
  }

  @Test
  void aDnsFailureOrAnUnreachableServerIsTriedAgain() {
    flow.dns.fail("broken.example", Rcode.SERVFAIL);
    // TEST-NET-1 addresses answer nobody; port 1 on loopback refuses.
    submit(ANNA, "a@broken.example");
    flow.settle();
    var waiting = flow.status().list(Optional.empty(), 10).getFirst();
    assertThat(flow.status().find(waiting.id()).orElseThrow().states().getFirst().lastReply())
        .startsWith("451 4.4.3");
    assertThat(flow.inbox(core.anna())).isEmpty();

    flow.dns.fail("broken.example", Rcode.NXDOMAIN);
    flow.clock.advance(Duration.ofMinutes(1));
    flow.settle();
    assertThat(flow.inbox(core.anna())).hasSize(1);
  }

  @Test
  void aPeerWithoutSmtpUtf8GetsNoInternationalMailAndTheSenderHearsWhy() throws Exception {
    try (var peer = new PlainPeer();
        var other = new MailflowFixture(settings -> settings.withRemotePort(peer.port()))) {
      other.dns.mx("plain.example", 1, "sink.example");
      String message = MailflowFixture.message(ANNA, "x").replace("Subject: x", "Subject: Grüße");
      MailFrom from =
          new MailFrom(
              Optional.of(EmailAddress.parse(ANNA)),
              OptionalLong.empty(),
              MailFrom.BodyKind.EIGHT_BIT_MIME,
              true,
              Optional.empty(),
              Optional.empty());
      try (var sending =
          other
              .submission(other.core.anna(), from)
              .to("empfänger@plain.example", "ascii@plain.example")) {
        assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
      }
      other.settle();
      assertThat(peer.messageCount()).isZero();
      Report report = Report.parse(other.inbox(other.core.anna()).getFirst());
      assertThat(report.recipients()).hasSize(2);
      assertThat(report.recipients().getFirst())
          .containsEntry("Final-Recipient", "utf-8; empfänger@plain.example");
      assertThat(report.recipients().getFirst().get("Status")).startsWith("5.6.");
      assertThat(report.text()).contains("international characters");
      assertThat(report.statusType()).isEqualTo("message/global-delivery-status");
    }
  }

  @Test
  void aPeerThatKnowsNoReportsMakesUsSayThatTheMessageWasRelayed() throws Exception {
    try (var peer = new PlainPeer();
        var other = new MailflowFixture(settings -> settings.withRemotePort(peer.port()))) {
      other.dns.mx("plain.example", 1, "sink.example");
      RcptTo to =
          new RcptTo(
              EmailAddress.parse("a@plain.example"),
              Set.of(RcptTo.Notify.SUCCESS),
              Optional.empty());
      try (var sending = other.submission(other.core.anna(), ANNA).to(to)) {
        sending.verdict(MailflowFixture.message(ANNA, "x"));
      }
      other.settle();
      assertThat(peer.messageCount()).isEqualTo(1);
      Report report = Report.parse(other.inbox(other.core.anna()).getFirst());
      assertThat(report.recipients().getFirst())
          .containsEntry("Action", "relayed")
          .containsEntry("Status", "2.0.0");
    }
  }

  @Test
  void theSmarthostTakesAllMailForOthers() {
    try (var sink = new TestSink();
        var other =
            new MailflowFixture(settings ->
                settings.withSmarthost(
                    new Smarthost(
                        "127.0.0.1",
                        sink.port(),
                        org.mailstead.smtp.client.ClientSettings.Tls.NONE,
                        Optional.empty())))) {
      try (var sending =
          other.submission(other.core.anna(), ANNA).to("a@one.example", "b@two.example")) {
        sending.verdict(MailflowFixture.message(ANNA, "x"));
      }
      other.settle();
      assertThat(sink.messages())
          .singleElement()
          .satisfies(sent ->
              assertThat(sent.addresses()).containsExactly("a@one.example", "b@two.example"));
      other.checkQueueEmpty();
    }
  }

  @Test
  void moreThanAHundredRecipientsOfADomainGoInSeveralTransactions() {
    String[] many = new String[150];
    for (int i = 0; i < many.length; i++) many[i] = "u" + i + "@far.example";
    submit(ANNA, many);
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(2);
    assertThat(flow.sink.messages().getFirst().addresses())
        .hasSize(MailflowLimits.RECIPIENTS_PER_TRANSACTION_MAX);
    flow.checkQueueEmpty();
  }

  @Test
  void aLocalDeliveryThatFailsNowIsTriedAgain() {
    try (var sending = flow.inbound(FRIEND).to("nested@example.test")) {
      sending.verdict(MailflowFixture.message(FRIEND, "x"));
    }
    flow.settle();
    flow.core.mailbox(core.bert());
    try (var sending = flow.inbound(FRIEND).to("nested@example.test")) {
      // The acceptance is the first commit, then come the mailboxes.
      flow.faults.fail(
          2,
          2,
          org.mailstead.store.FaultPlan.Fault.UNAVAILABLE_BEFORE,
          org.mailstead.store.FaultPlan.Call.COMMIT);
      assertThat(sending.verdict(MailflowFixture.message(FRIEND, "y")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    MailflowFixture.await(() -> flow.flow().activeCount() == 0);
    flow.faults.heal();
    assertThat(flow.status().counts().entries()).isEqualTo(1);
    flow.clock.advance(Duration.ofMinutes(1));
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(2);
    assertThat(flow.inbox(core.carl())).hasSize(2);
    flow.checkQueueEmpty();
  }

  /// What was sent cannot be unsent: results are written down as soon as the store lets us, and the
  /// delivery is not repeated meanwhile.
  @Test
  void resultsThatCannotBeWrittenNowAreWrittenLaterAndNothingIsSentTwice() {
    flow.sink.answerRecipients(to ->
        to.local().equals("gone")
            ? Verdict.rejected(550, "5.1.1", "No such user")
            : Verdict.accepted());
    try (var sending = flow.submission(core.anna(), ANNA).to(FRIEND, "gone@far.example")) {
      // The first blob is the message, the second one the report that returns it.
      flow.faults.fail(
          2,
          2,
          org.mailstead.store.FaultPlan.Fault.UNAVAILABLE_BEFORE,
          org.mailstead.store.FaultPlan.Call.BLOB_PUT);
      String large = MailflowFixture.message(ANNA, "Large") + ("y".repeat(70) + "\r\n").repeat(600);
      assertThat(sending.verdict(large)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.faults.callCount()).isGreaterThanOrEqualTo(4);
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    flow.checkQueueEmpty();
  }

  private void submit(String from, String... to) {
    try (var sending = flow.submission(core.anna(), from).to(to)) {
      assertThat(sending.verdict(MailflowFixture.message(from, "Subject " + to.length)))
          .isInstanceOf(Verdict.Accepted.class);
    }
  }

  /// A delivery status notification taken apart.
  record Report(
      Map<String, String> header,
      String text,
      String statusType,
      Map<String, String> message,
      List<Map<String, String>> recipients,
      String returnedType,
      String returned) {
    static Report parse(String whole) {
      byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
      MimePart root = MessageScanner.scan(ByteBuffer.wrap(bytes));
      assertThat(root.type() + "/" + root.subtype()).isEqualTo("multipart/report");
      assertThat(root.children()).hasSize(3);
      MimePart status = root.children().get(1);
      List<Map<String, String>> groups =
          java.util.Arrays.stream(body(bytes, status).split("\r\n\r\n"))
              .map(Report::fields)
              .toList();
      MimePart returned = root.children().get(2);
      return new Report(
          header(bytes, root),
          body(bytes, root.children().getFirst()),
          status.type() + "/" + status.subtype(),
          groups.getFirst(),
          groups.subList(1, groups.size()),
          returned.type() + "/" + returned.subtype(),
          body(bytes, returned));
    }

    private static Map<String, String> header(byte[] bytes, MimePart part) {
      Map<String, String> found = new TreeMap<>();
      HeaderFields fields = HeaderFields.of(ByteBuffer.wrap(bytes), part);
      for (HeaderFields.Field field : fields) found.put(field.name(), fields.value(field));
      return found;
    }

    private static Map<String, String> fields(String group) {
      Map<String, String> found = new TreeMap<>();
      for (String line : group.split("\r\n")) {
        int colon = line.indexOf(':');
        found.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
      return found;
    }

    private static String body(byte[] bytes, MimePart part) {
      return new String(
          bytes,
          (int) part.bodyOffset(),
          (int) (part.end() - part.bodyOffset()),
          StandardCharsets.UTF_8);
    }
  }
}
