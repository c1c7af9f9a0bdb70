package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.MailboxPermission;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.RcptTo;

class ReceptionTest {
  private static final String STRANGER = "stranger@far.example";

  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  // ---- recipients

  @Test
  void aMessageForOneMailboxLiesThereBeforeItIsAcknowledged() {
    try (var sending = flow.inbound(STRANGER).to("anna@example.test")) {
      String message = MailflowFixture.message(STRANGER, "One");
      assertThat(sending.verdict(message)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna())).singleElement().asString().endsWith(message);
      flow.checkQueueEmpty();
    }
  }

  @Test
  void theTraceLinesComeFirstAndEverythingElseStaysAsItCame() {
    String odd =
        "X-Odd:\t folded\r\n\t on  two lines \r\nBcc: kept@far.example\r\n\r\n\0\u00e4\r\n";
    try (var sending = flow.inbound(STRANGER).to("anna@example.test")) {
      assertThat(sending.verdict(odd)).isInstanceOf(Verdict.Accepted.class);
    }
    String stored = flow.inbox(core.anna()).getFirst();
    assertThat(stored).endsWith(odd);
    String[] trace = stored.substring(0, stored.length() - odd.length()).split("\r\n");
    assertThat(trace[0]).isEqualTo("Return-Path: <stranger@far.example>");
    assertThat(trace[1]).isEqualTo("Received: from client.example ([192.0.2.7])");
    assertThat(trace[2]).matches("\tby mx.example.test with ESMTP id [0-9a-f]{32}");
    assertThat(trace[3]).isEqualTo("\tfor <anna@example.test>;");
    assertThat(trace[4]).isEqualTo("\tFri, 1 Jan 2027 00:00:00 +0000");
    assertThat(trace).hasSize(5);
  }

  @Test
  void aliasesSubaddressesAndGroupsLeadToTheirMailboxesAndEachMailboxGetsOneCopy() {
    core.directory()
        .registrations()
        .createAlias(
            core.change("CreateAlias"), core.organization(), core.anna(), "a.adler@example.test");
    try (var sending =
        flow.inbound(STRANGER)
            .to("A.Adler@EXAMPLE.test", "anna+news@example.test", "anna@example.test")
            .to("team@example.test", "nested@example.test", "bert@example.test")) {
      assertThat(sending.recipients).allMatch(Verdict.Accepted.class::isInstance);
      assertThat(sending.verdict(MailflowFixture.message(STRANGER, "All")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    // GRP-1: once to every enabled member, however many ways lead to it.
    for (EntityId user : List.of(core.anna(), core.bert(), core.carl())) {
      assertThat(flow.inbox(user)).hasSize(1);
    }
    assertThat(flow.inbox(core.carl()).getFirst()).doesNotContain("for <");
    flow.checkQueueEmpty();
  }

  @Test
  void manyRecipientsOfALargeMessageShareOneBlob() {
    String large = MailflowFixture.message(STRANGER, "Large") + "x".repeat(100_000) + "\r\n";
    try (var sending = flow.inbound(STRANGER).to("team@example.test")) {
      assertThat(sending.verdict(large)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.bert()).getFirst()).endsWith(large);
    var blobs = flow.memory.blobs().list(Optional.empty(), 10);
    assertThat(blobs).hasSize(1);
    assertThat(flow.memory.blobs().holders(blobs.getFirst())).hasSize(3);
  }

  @Test
  void anUnknownAddressIsRefusedAndSoIsADisabledUserAndAnotherServersDomain() {
    core.directory()
        .registrations()
        .deregister(
            core.change("DeregisterFromWorkMail"), core.organization(), core.carl().value());
    try (var sending =
        flow.inbound(STRANGER)
            .to("nobody@example.test", "friend@far.example", "anna@example.test")) {
      assertReply(sending.recipients.get(0), "550 5.1.1");
      assertReply(sending.recipients.get(1), "550 5.7.1");
      assertThat(sending.recipients.get(2)).isInstanceOf(Verdict.Accepted.class);
      sending.to("carl@example.test");
      assertThat(sending.recipients.get(3)).isInstanceOf(Verdict.Rejected.class);
    }
  }

  @Test
  void aGroupOfNobodyIsRefusedRatherThanSwallowed() {
    core.enabledGroup("empty");
    try (var sending = flow.inbound(STRANGER).to("empty@example.test")) {
      assertReply(sending.recipients.getFirst(), "550 5.2.4");
    }
  }

  @Test
  void postmasterReachesTheOneWhoIsNamedInTheSettings() {
    try (var other =
            new MailflowFixture(
                settings -> settings.withPostmaster(EmailAddress.parse("bert@example.test")));
        var sending =
            other.inbound("").to("Postmaster@mx.example.test", "postmaster@example.test")) {
      assertThat(sending.verdict(MailflowFixture.message(STRANGER, "Help")))
          .isInstanceOf(Verdict.Accepted.class);
      assertThat(other.inbox(other.core.bert())).hasSize(1);
    }
    try (var sending = flow.inbound(STRANGER).to("postmaster@mx.example.test")) {
      assertReply(sending.recipients.getFirst(), "550 5.7.1");
    }
  }

  @Test
  @DisplayName("LIM-2: a full mailbox is refused at RCPT, and in the commit, with 552 5.2.2")
  void aFullMailboxIsRefusedAtRcptAndInTheCommit() {
    core.mailbox(core.anna()).changeQuota(2_000);
    String message = MailflowFixture.message(STRANGER, "Too much") + "x".repeat(3_000) + "\r\n";

    try (var known =
        flow.inbound(MailflowFixture.mailFrom(STRANGER, 3_200)).to("anna@example.test")) {
      assertReply(known.recipients.getFirst(), "552 5.2.2");
    }
    try (var unknown = flow.inbound(STRANGER).to("anna@example.test")) {
      assertThat(unknown.recipients.getFirst()).isInstanceOf(Verdict.Accepted.class);
      assertReply(unknown.verdict(message), "552 5.2.2");
    }
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void recipientsBeyondTheQueuesLimitAreDeferred() {
    try (var sending = flow.inbound(STRANGER).to("anna@example.test")) {
      // The queue's bound counts group members too; the server's own limit comes long before.
      for (int i = 1; i < org.mailstead.core.queue.QueueLimits.RECIPIENT_COUNT_MAX; i++) {
        sending.to("anna@example.test");
      }
      sending.to("bert@example.test");
      assertReply(sending.recipients.getLast(), "452 4.5.3");
    }
  }

  // ---- submission

  @Test
  @DisplayName("PRM-1: Send As lets the owner's address stand in From without a trace")
  void sendAsNeedsNoSender() {
    grant(core.anna(), core.bert(), MailboxPermission.SEND_AS);
    submit(core.bert(), "anna@example.test", MailflowFixture.message("anna@example.test", "As"));
    flow.settle();
    assertThat(flow.inbox(core.carl()).getFirst()).doesNotContain("Sender:");
  }

  @Test
  @DisplayName("PRM-1: on behalf, Sender names the user, added where it is missing")
  void sendOnBehalfAddsTheSender() {
    grant(core.anna(), core.bert(), MailboxPermission.SEND_ON_BEHALF);
    submit(core.bert(), "bert@example.test", MailflowFixture.message("anna@example.test", "For"));
    flow.settle();
    assertThat(flow.inbox(core.carl()).getFirst()).contains("\r\nSender: bert@example.test\r\n");

    String forged =
        "Sender: carl@example.test\r\n" + MailflowFixture.message("anna@example.test", "x");
    assertReply(trySubmit(core.bert(), "bert@example.test", forged), "550 5.7.1");
    String own =
        "Sender: Bert <bert@example.test>\r\n" + MailflowFixture.message("anna@example.test", "y");
    assertThat(trySubmit(core.bert(), "bert@example.test", own))
        .isInstanceOf(Verdict.Accepted.class);
    flow.settle();
  }

  @Test
  @DisplayName("PRM-1: nobody sends with an address that is not theirs to use")
  void aForeignFromOrReversePathIsRefused() {
    String foreign = MailflowFixture.message("anna@example.test", "Not me");
    assertReply(trySubmit(core.bert(), "bert@example.test", foreign), "550 5.7.1");
    assertThatThrownBy(() -> flow.submission(core.bert(), "anna@example.test"))
        .isInstanceOf(RefusedException.class);
    String second =
        MailflowFixture.message("bert@example.test, Anna <anna@example.test>", "Two authors");
    assertReply(trySubmit(core.bert(), "bert@example.test", second), "550 5.7.1");
    String twice =
        "From: anna@example.test\r\n" + MailflowFixture.message("bert@example.test", "x");
    assertReply(trySubmit(core.bert(), "bert@example.test", twice), "554 5.6.0");
    assertReply(trySubmit(core.bert(), "bert@example.test", "Subject: x\r\n\r\n"), "554 5.6.0");
    assertReply(
        trySubmit(core.bert(), "bert@example.test", "From: undisclosed:;\r\n\r\n"), "554 5.6.0");
    assertThat(flow.inbox(core.carl())).isEmpty();
  }

  @Test
  void tooManyAuthorsAreRefused() {
    String authors =
        "bert@example.test, ".repeat(MailflowLimits.FROM_COUNT_MAX) + "bert@example.test";
    assertReply(
        trySubmit(core.bert(), "bert@example.test", MailflowFixture.message(authors, "x")),
        "554 5.6.0");
  }

  @Test
  void theNullSenderIsForReportsAndAutomaticAnswersOnly() {
    String plain = MailflowFixture.message("bert@example.test", "Plain");
    assertReply(trySubmit(core.bert(), "", plain), "550 5.7.1");
    String receipt =
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"
            + plain;
    assertThat(trySubmit(core.bert(), "", receipt)).isInstanceOf(Verdict.Accepted.class);
    String vacation = "Auto-Submitted: auto-replied\r\n" + plain;
    assertThat(trySubmit(core.bert(), "", vacation)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void submissionRemovesBccAndAddsWhatIsMissing() {
    String bare =
        "From: bert@example.test\r\nBcc: secret@far.example,\r\n other@far.example\r\nTo: c\r\n\r\nHi\r\n";
    submit(core.bert(), "bert@example.test", bare);
    flow.settle();
    String stored = flow.inbox(core.carl()).getFirst();
    assertThat(stored)
        .doesNotContain("secret@", "other@", "Bcc")
        .contains("\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\n")
        .containsPattern("\r\nMessage-ID: <[0-9a-z]+\\.[0-9a-z]+@example\\.test>\r\n")
        .endsWith("From: bert@example.test\r\nTo: c\r\n\r\nHi\r\n")
        .contains("\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n")
        .contains(" with ESMTPSA id ");
  }

  // ---- LMTP and failures

  @Test
  void lmtpAnswersForEachRecipientAfterDelivery() {
    core.mailbox(core.bert()).changeQuota(1_000);
    String message = MailflowFixture.message(STRANGER, "LMTP") + "x".repeat(2_000) + "\r\n";
    try (var sending =
        flow.lmtp(STRANGER)
            .to("anna@example.test", "bert@example.test", "anna+again@example.test")
            .to("nested@example.test")) {
      var each = (Reception.Outcome.Each) sending.data(message);
      assertThat(each.verdicts()).hasSize(4);
      assertThat(each.verdicts().get(0)).isInstanceOf(Verdict.Accepted.class);
      assertReply(each.verdicts().get(1), "552 5.2.2");
      assertThat(each.verdicts().get(2)).isInstanceOf(Verdict.Accepted.class);
      assertThat(each.verdicts().get(3)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna())).hasSize(1);
      assertThat(flow.inbox(core.carl())).hasSize(1);
    }
    flow.settle();
    // The peer has heard of bert's full mailbox: no report from us.
    assertThat(flow.sink.messages()).isEmpty();
    flow.checkQueueEmpty();
  }

  @Test
  void lmtpForOneMailboxAnswersEveryNameOfIt() {
    try (var sending = flow.lmtp(STRANGER).to("anna@example.test", "anna+x@example.test")) {
      var each = (Reception.Outcome.Each) sending.data(MailflowFixture.message(STRANGER, "x"));
      assertThat(each.verdicts()).hasSize(2).allMatch(Verdict.Accepted.class::isInstance);
    }
    assertThat(flow.inbox(core.anna())).hasSize(1);
  }

  @Test
  void aStoreThatCannotWriteDefersTheMessageAndKeepsNothingOfIt() {
    for (String to : List.of("anna@example.test", "team@example.test")) {
      try (var sending = flow.inbound(STRANGER).to(to)) {
        flow.faults.fail(
            1,
            1000,
            org.mailstead.store.FaultPlan.Fault.UNAVAILABLE_BEFORE,
            org.mailstead.store.FaultPlan.Call.COMMIT,
            org.mailstead.store.FaultPlan.Call.BLOB_PUT);
        assertReply(sending.verdict(MailflowFixture.message(STRANGER, "Full disk")), "452 4.3.1");
        flow.faults.heal();
      }
    }
    flow.settle();
    assertThat(flow.inbox(core.anna())).isEmpty();
    flow.checkQueueEmpty();
    assertThat(flow.check().warningCount()).isZero();
  }

  private void grant(EntityId owner, EntityId grantee, MailboxPermission permission) {
    core.directory()
        .permissions()
        .put(
            core.change("PutMailboxPermissions"),
            core.organization(),
            owner.value(),
            grantee.value(),
            Set.of(permission));
  }

  private void submit(EntityId user, String from, String message) {
    assertThat(trySubmit(user, from, message)).isInstanceOf(Verdict.Accepted.class);
  }

  private Verdict trySubmit(EntityId user, String from, String message) {
    try (var sending =
        flow.submission(user, from).to(RcptTo.of(EmailAddress.parse("carl@example.test")))) {
      return sending.verdict(message);
    }
  }

  private static void assertReply(Verdict verdict, String start) {
    String reply =
        switch (verdict) {
          case Verdict.Accepted(String text) -> "250 " + text;
          case Verdict.Rejected(var refused) -> refused.toString();
          case Verdict.Deferred(var deferred) -> deferred.toString();
        };
    assertThat(reply).startsWith(start);
  }
}
