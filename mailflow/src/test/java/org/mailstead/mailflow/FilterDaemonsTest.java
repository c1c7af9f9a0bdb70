package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.mailflow.filter.FilterDaemon;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.SmtpReply;

/// Mail flow with real filter daemons.
final class FilterDaemonsTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";
  private static final FilterSettings USUAL =
      FilterSettings.off().withTimeout(Duration.ofSeconds(10));

  private final MailflowFixture flow = new MailflowFixture();
  private final CoreFixture core = flow.core;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private Verdict receive(String subject, String body, String... to) {
    try (var sending = flow.inbound(FRIEND).to(to)) {
      Verdict verdict = sending.verdict(MailflowFixture.message(FRIEND, subject) + body + "\r\n");
      flow.settle();
      return verdict;
    }
  }

  private List<String> junk(EntityId user) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of("Junk E-mail")).orElseThrow().id());
    return java.util.stream.IntStream.rangeClosed(1, view.count())
        .mapToObj(i -> new String(mailbox.content(view.email(i), 0, 100_000)))
        .toList();
  }

  private static SmtpReply reply(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Rejected(SmtpReply reply) -> reply;
      case Verdict.Deferred(SmtpReply reply) -> reply;
      case Verdict.Accepted _ -> throw new AssertionError("accepted");
    };
  }

  @Test
  void clamdFindsVirusesInAndOut() {
    try (var clamd = FilterDaemon.clamd()) {
      flow.with(USUAL.withClamd(clamd.address()));
      assertThat(receive("clean", "Nothing", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna()).getFirst()).contains("\r\nX-Mailstead-Virus: none\r\n");
      SmtpReply refused = reply(receive("bad", FilterDaemon.VIRUS, ANNA));
      assertThat(refused.code()).isEqualTo(554);
      assertThat(refused.toString()).contains("5.7.1").contains("Mailstead.Test");
      // Where nobody can see it without unpacking.
      String packed =
          java.util.Base64.getMimeEncoder().encodeToString(FilterDaemon.VIRUS.getBytes());
      try (var sending = flow.inbound(FRIEND).to(ANNA)) {
        String message =
            "From: "
                + FRIEND
                + "\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + packed
                + "\r\n";
        assertThat(reply(sending.verdict(message)).code()).isEqualTo(554);
      }
      try (var sending = flow.submission(core.anna(), ANNA).to("x@far.example")) {
        Verdict verdict =
            sending.verdict(MailflowFixture.message(ANNA, "Out") + FilterDaemon.VIRUS);
        assertThat(reply(verdict).code()).isEqualTo(554);
      }
      flow.checkQueueEmpty();
      assertThat(flow.inbox(core.anna())).hasSize(1);
    }
  }

  @Test
  void aVirusInTheJunkFolderIfSetAndNoRuleTakesItOut() {
    try (var clamd = FilterDaemon.clamd()) {
      flow.with(USUAL.withClamd(clamd.address()).with(FilterSettings.WhenVirus.JUNK));
      assertThat(receive("bad", FilterDaemon.VIRUS, ANNA)).isInstanceOf(Verdict.Accepted.class);
      receive("bad", FilterDaemon.VIRUS, ANNA, BERT);
      assertThat(flow.inbox(core.anna())).isEmpty();
      assertThat(junk(core.anna()))
          .hasSize(2)
          .allMatch(text -> text.contains("X-Mailstead-Virus: found; name=Mailstead.Test"));
      assertThat(junk(core.bert())).hasSize(1);
    }
  }

  @Test
  void aStreamThatIsTooLongForClamdIsNoVerdict() {
    try (var clamd = FilterDaemon.clamd()) {
      flow.with(USUAL.withClamd(clamd.address()));
      String large = "line of text\r\n".repeat(150_000);
      assertThat(receive("large", large, ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna()).getFirst())
          .contains("X-Mailstead-Spam: unknown; down=clamd\r\n");
      flow.with(USUAL.withClamd(clamd.address()).with(FilterSettings.WhenDown.DEFER));
      SmtpReply deferred = reply(receive("large", large, ANNA));
      assertThat(deferred.code()).isEqualTo(451);
      assertThat(deferred.toString()).contains("4.7.1");
    }
  }

  @Test
  void spamAssassinDecidesWhereMailGoes() {
    try (var spamd = FilterDaemon.spamd()) {
      flow.with(USUAL.withSpamd(spamd.address()));
      checkSpam("spamd", "MAILSTEAD_WORD");
    }
  }

  @Test
  void rspamdDecidesWhereMailGoes() {
    try (var rspamd = FilterDaemon.rspamd()) {
      flow.with(USUAL.with(new FilterSettings.Rspamd(rspamd.address(), "")));
      checkSpam("rspamd", "MAILSTEAD_WORD(7.50)");
    }
  }

  private void checkSpam(String by, String reason) {
    receive("Notes", "Hello", ANNA);
    receive(FilterDaemon.SPAM_WORD + " offer", "Hello", ANNA);
    // From the queue too, after a restart as well.
    receive(FilterDaemon.SPAM_WORD + " offer", "Hello", ANNA, BERT);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    String good = flow.inbox(core.anna()).getFirst();
    assertThat(good)
        .contains("\r\nX-Mailstead-Spam: no; score=0.1;")
        .contains("by=" + by)
        .contains("MAILSTEAD_PEER")
        .contains("\r\nX-Spam-Status: No, score=0.1")
        .doesNotContain("X-Spam-Flag");
    assertThat(junk(core.anna())).hasSize(2);
    assertThat(junk(core.bert())).hasSize(1);
    assertThat(junk(core.anna()))
        .allSatisfy(text ->
            assertThat(text)
                .contains("\r\nX-Mailstead-Spam: yes; score=7.6;")
                .contains("\r\nX-Spam-Flag: YES\r\n")
                .contains("\r\nX-Spam-Status: Yes, score=7.6")
                .contains(reason));
    assertThat(
            flow.events.stream()
                .map(record -> record.event())
                .filter(EmailEvent.OrganizationEmailReceived.class::isInstance)
                .map(event ->
                    ((EmailEvent.OrganizationEmailReceived) event).verdicts().spam().orElseThrow())
                .toList())
        .containsExactly("PASS", "FAIL", "FAIL");
    // What a user sends is not looked at for spam.
    try (var sending = flow.submission(core.anna(), ANNA).to(BERT)) {
      sending.verdict(MailflowFixture.message(ANNA, FilterDaemon.SPAM_WORD + " offer"));
    }
    flow.settle();
    assertThat(flow.inbox(core.bert())).hasSize(1);
  }

  @Test
  void aMilterSeesTheWholeSessionAndChangesTheHeader() {
    try (var milter = FilterDaemon.milter()) {
      flow.with(USUAL.withMilters(milter.address()));
      try (var sending = flow.inbound(FRIEND).to(ANNA, BERT)) {
        sending.verdict(
            "X-Twice: one\r\nX-Twice: two\r\nX-Gone: away\r\nX-Folded: a\r\n\tb\r\n"
                + MailflowFixture.message(FRIEND, "change"));
        flow.settle();
      }
      String stored = flow.inbox(core.anna()).getFirst();
      assertThat(stored)
          .contains("ip=192.0.2.7; helo=client.example; from=<friend@far.example> id=")
          .contains("rcpt=<anna@example.test>; rcpt=<bert@example.test>")
          .contains("folded='a\\n\\tb'")
          .contains("body=8")
          .contains("X-Twice: one\r\n")
          .contains("X-Twice: changed\r\n")
          .doesNotContain("X-Twice: two")
          .doesNotContain("X-Gone");
      // A recipient that it rejects, with another: it came too late for that.
      assertThat(flow.inbox(core.bert())).hasSize(1);
      assertThat(reply(receive("Only Bert", "x", BERT)).code()).isEqualTo(550);
    }
  }

  @Test
  void aMilterRefusesDefersDiscardsAndPutsAside() {
    try (var milter = FilterDaemon.milter()) {
      flow.with(USUAL.withMilters(milter.address()));
      assertThat(reply(receive("refuse", "x", ANNA)).code()).isEqualTo(550);
      SmtpReply reply = reply(receive("reply", "x", ANNA));
      assertThat(reply.toString())
          .contains("553")
          .contains("5.6.7")
          .contains("Not with these words");
      assertThat(reply(receive("later", "x", ANNA)).code()).isEqualTo(451);
      assertThat(receive("discard", "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna())).isEmpty();
      assertThat(receive("aside", "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(receive("aside", "x", ANNA, "carl@example.test"))
          .isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna())).isEmpty();
      assertThat(junk(core.anna())).hasSize(2);
      assertThat(receive("accept", "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna())).hasSize(1);
      flow.with(USUAL.withMilters(milter.address()).withTimeout(Duration.ofMillis(700)));
      long start = System.nanoTime();
      assertThat(receive("slow", "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      assertThat(flow.inbox(core.anna()).getLast())
          .contains("X-Mailstead-Spam: unknown; down=milter\r\n");
    }
  }

  @Test
  void openDkimAsAMilter() {
    try (var milter = FilterDaemon.opendkim()) {
      flow.with(USUAL.withMilters(milter.address()));
      assertThat(receive("Hello", "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      assertThat(flow.inbox(core.anna()).getFirst())
          .contains("Authentication-Results: dkim.example.test");
    }
  }

  @Test
  void aDaemonThatDiesIsLeftAloneAndTriedAgain() {
    try (var spamd = FilterDaemon.spamd()) {
      flow.with(USUAL.withSpamd(spamd.address()));
      spamd.kill();
      for (int i = 0; i < 5; i++) {
        assertThat(receive(FilterDaemon.SPAM_WORD, "x", ANNA)).isInstanceOf(Verdict.Accepted.class);
      }
      assertThat(flow.inbox(core.anna()))
          .hasSize(5)
          .allMatch(text -> text.contains("X-Mailstead-Spam: unknown; down=spamd\r\n"));
      assertThat(flow.flow().filterHealth().getFirst().failure()).isPresent();
    }
  }
}
