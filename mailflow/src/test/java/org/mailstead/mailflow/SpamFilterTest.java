package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.core.spam.GeneratedMail;
import org.mailstead.core.spam.MessageTokens;
import org.mailstead.core.spam.SpamModels;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.store.FaultPlan;

/// The built-in spam filter in mail flow.
final class SpamFilterTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final String FRIEND = "friend@far.example";

  private final MailflowFixture flow =
      new MailflowFixture(settings -> settings.with(AuthenticationSettings.standard()))
          .with(FilterSettings.standard());
  private final CoreFixture core = flow.core;
  private final GeneratedMail mail = new GeneratedMail(11);
  private long email = 1_000_000;

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private Verdict receive(String message, String... to) {
    try (var sending = flow.inbound(FRIEND).to(to)) {
      Verdict verdict = sending.verdict(message);
      flow.settle();
      return verdict;
    }
  }

  private List<String> folder(EntityId user, String name) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of(name)).orElseThrow().id());
    List<String> texts = new ArrayList<>();
    for (int i = 1; i <= view.count(); i++) {
      texts.add(new String(mailbox.content(view.email(i), 0, 100_000), StandardCharsets.UTF_8));
    }
    return texts;
  }

  private List<String> junk(EntityId user) {
    return folder(user, "Junk E-mail");
  }

  private void teach(EntityId user, boolean inverted) {
    List<SpamModels.Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      boolean spam = i % 2 == 0;
      lessons.add(new SpamModels.Lesson(new EmailId(email++), mail.tokens(spam), spam != inverted));
    }
    core.learning().models().learn(core.organization(), core.mailbox(user).id(), lessons);
  }

  /// A message that the organization's filter is very sure about.
  private String surely(boolean isSpam) {
    while (true) {
      String message = mail.message(isSpam);
      try (Content content = Content.of(message.getBytes(StandardCharsets.UTF_8))) {
        double found =
            core.learning()
                .models()
                .score(core.organization(), Optional.empty(), MessageTokens.of(content))
                .orElseThrow()
                .probability();
        if (isSpam ? found > 0.999 : found < 0.001) return message;
      }
    }
  }

  @Test
  void saysWhyAndLeavesOrdinaryMailAlone() {
    receive(MailflowFixture.message(FRIEND, "Hello"), ANNA);
    assertThat(flow.inbox(core.anna()).getFirst())
        .contains("\r\nX-Mailstead-Spam: no; score=1.0; required=5.0; by=built-in; rest=1.0\r\n")
        .contains("\r\nX-Mailstead-Spam-Reasons: UNAUTHENTICATED(1.0)\r\n")
        .contains("\r\nX-Spam-Status: No, score=1.0 required=5.0\r\n")
        .doesNotContain("X-Spam-Flag");
  }

  @Test
  void whatWasTaughtDecidesAtOnceAndFromTheQueue() {
    teach(core.anna(), false);
    receive(surely(true), ANNA);
    receive(surely(true), ANNA, BERT);
    receive(surely(false), ANNA, BERT);
    assertThat(junk(core.anna())).hasSize(2);
    assertThat(junk(core.bert())).hasSize(1);
    assertThat(flow.inbox(core.anna())).hasSize(1);
    assertThat(flow.inbox(core.bert())).hasSize(1);
    assertThat(junk(core.anna()).getFirst())
        .contains("BAYES_USER_99(6.0)")
        .contains("\r\nX-Spam-Flag: YES\r\n");
    assertThat(junk(core.bert()).getFirst()).contains("BAYES_99(6.0)");
  }

  @Test
  void eachUsersOwnFilterDecidesForHimAlsoFromTheQueue() {
    teach(core.anna(), false);
    String spam = surely(true);
    String good = surely(false);
    teach(core.bert(), true);
    receive(spam, ANNA, BERT);
    receive(good, ANNA, BERT);
    assertThat(junk(core.anna())).hasSize(1);
    assertThat(junk(core.bert())).hasSize(1);
    assertThat(junk(core.anna()).getFirst()).contains(line(spam, "Message-ID"));
    assertThat(junk(core.bert()).getFirst()).contains(line(good, "Message-ID"));
  }

  private static String line(String message, String name) {
    return message.lines().filter(line -> line.startsWith(name)).findFirst().orElseThrow();
  }

  @Test
  void aStopAnywhereLosesAndDoublesNothingAndForgetsNoVerdict() {
    int steps = 0;
    while (stop(++steps)) assertThat(steps).isLessThan(200);
    assertThat(steps).isGreaterThan(10);
  }

  /// @return whether the store was called so often
  private static boolean stop(int step) {
    // Half a point is spam: everything that nobody vouches for.
    FilterSettings settings =
        FilterSettings.standard().with(new FilterSettings.BuiltIn(true, 0.5, List.of()));
    try (var flow =
        new MailflowFixture(usual -> usual.with(AuthenticationSettings.standard()))
            .with(settings)) {
      boolean acknowledged = false;
      try (var sending = flow.inbound(FRIEND).to(ANNA, BERT)) {
        flow.faults.fail(step, Integer.MAX_VALUE - step, FaultPlan.Fault.UNAVAILABLE_BEFORE);
        acknowledged =
            sending.verdict(MailflowFixture.message(FRIEND, "Crash")) instanceof Verdict.Accepted;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.restart();
      // The filter is another one now: what was said at the end of the data holds.
      flow.with(FilterSettings.off());
      flow.settle();
      flow.clock.advance(Duration.ofMinutes(1));
      flow.settle();
      for (EntityId user : List.of(flow.core.anna(), flow.core.bert())) {
        assertThat(flow.inbox(user)).as("step " + step).isEmpty();
        Mailbox mailbox = flow.core.mailbox(user);
        var junk = mailbox.findFolder(List.of("Junk E-mail")).orElseThrow();
        assertThat(junk.messageCount()).as("step " + step).isEqualTo(acknowledged ? 1 : 0);
      }
      flow.checkQueueEmpty();
      return reached;
    }
  }

  @Test
  void rulesBeatTheFilter() {
    teach(core.anna(), false);
    FlowRules<InboundAction> rules =
        FlowRules.inbound(core.directory(), core.clock(), new Random(1));
    rules.create(
        core.change("CreateInboundMailFlowRule"),
        core.organization(),
        FlowRule.Terms.inbound(
            "all",
            InboundAction.NEVER_DELIVER_TO_JUNK,
            List.of(AddressPattern.parse("*")),
            Optional.empty()),
        Optional.empty());
    receive(surely(true), ANNA);
    receive(surely(true), ANNA, BERT);
    assertThat(junk(core.anna())).isEmpty();
    assertThat(flow.inbox(core.anna())).hasSize(2);
    assertThat(flow.inbox(core.bert())).hasSize(1);
  }

  @Test
  void nobodyOutsideWritesOurVerdicts() {
    String forged =
        "X-Mailstead-Spam: yes; quarantine\r\nX-Spam-Flag: YES\r\nx-spam-status: Yes\r\n"
            + "X-Mailstead-Virus: found; name=x\r\nX-Spam-Level: *****\r\n";
    receive(forged + MailflowFixture.message(FRIEND, "Hello"), ANNA);
    receive(forged + MailflowFixture.message(FRIEND, "Hello"), ANNA, BERT);
    assertThat(junk(core.anna())).isEmpty();
    assertThat(flow.inbox(core.anna()))
        .hasSize(2)
        .allSatisfy(text ->
            assertThat(text)
                .doesNotContain("quarantine")
                .doesNotContain("YES")
                .doesNotContain("Status: Yes")
                .doesNotContain("X-Mailstead-Virus")
                .doesNotContain("*****"));
    // A server on our side may have a filter of its own; our words are ours all the same.
    try (var sending = flow.lmtp(FRIEND).to(ANNA)) {
      sending.data(forged + MailflowFixture.message(FRIEND, "From a server of ours"));
    }
    flow.settle();
    assertThat(flow.inbox(core.anna()).getLast())
        .contains("X-Spam-Flag: YES")
        .doesNotContain("X-Mailstead-Spam");
  }

  @Test
  void blockListsCountByTheirPoints() {
    flow.with(
        FilterSettings.standard()
            .with(
                new FilterSettings.BuiltIn(
                    true,
                    5,
                    List.of(
                        FilterSettings.BlockList.parse("bl.example=4.5"),
                        FilterSettings.BlockList.parse("refuses.example=9"),
                        FilterSettings.BlockList.parse("silent.example=9")))));
    flow.dns.address("7.2.0.192.bl.example", "127.0.0.2");
    flow.dns.address("7.2.0.192.refuses.example", "127.255.255.254");
    receive(MailflowFixture.message(FRIEND, "Hello"), ANNA);
    assertThat(junk(core.anna()).getFirst())
        .contains("LISTED_bl.example(4.5)")
        .contains("score=5.5")
        .doesNotContain("LISTED_refuses");
  }

  @Test
  void failedAuthenticationAndMissingFieldsCount() {
    flow.dns.txt("far.example", "v=spf1 -all").txt("_dmarc.far.example", "v=DMARC1; p=none");
    receive("From: " + FRIEND + "\r\nSubject: x\r\n\r\nx\r\n", ANNA);
    assertThat(junk(core.anna()).getFirst())
        .contains("SPF_FAIL(1.5)")
        .contains("DMARC_FAIL(2.0)")
        .contains("NO_DATE(1.0)")
        .contains("NO_MESSAGE_ID(0.8)")
        .contains("score=5.3");
  }

  @Test
  void whomUsersHaveWrittenToIsTrustedIfItIsReallyHim() throws Exception {
    flow.dns.txt("far.example", "v=spf1 ip4:192.0.2.7 -all");
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=none");
    teach(core.anna(), false);
    String spam = surely(true).replaceFirst("From: [^\r]*", "From: <" + FRIEND + ">");
    receive(spam, ANNA);
    assertThat(junk(core.anna())).hasSize(1);
    try (var sending = flow.submission(core.anna(), ANNA).to(FRIEND)) {
      sending.verdict(MailflowFixture.message(ANNA, "Hello"));
    }
    flow.settle();
    core.learning().flush();
    receive(spam, ANNA);
    assertThat(flow.inbox(core.anna()).getLast()).contains("CORRESPONDENT(-4.");
    // Somebody else with his name.
    flow.dns.forget("far.example");
    flow.dns.txt("far.example", "v=spf1 -all");
    receive(spam, ANNA);
    assertThat(junk(core.anna())).hasSize(2);
  }

  @Test
  void anOrganizationCanTurnItOff() {
    teach(core.anna(), false);
    String spam = surely(true);
    var settings = new MailSettings(core.directory());
    assertThat(settings.isSpamFiltered(core.organization())).isTrue();
    settings.filterSpam(core.change("SetSpamSettings"), core.organization(), false);
    receive(spam, ANNA);
    receive(spam, ANNA, BERT);
    assertThat(junk(core.anna())).isEmpty();
    assertThat(flow.inbox(core.anna()))
        .hasSize(2)
        .noneMatch(text -> text.contains("X-Mailstead-Spam"));
    settings.filterSpam(core.change("SetSpamSettings"), core.organization(), true);
    receive(spam, ANNA);
    assertThat(junk(core.anna())).hasSize(1);
  }

  @Test
  void usersAreNotSuspected() {
    teach(core.anna(), false);
    String spam = surely(true).replaceFirst("From: [^\r]*", "From: <" + ANNA + ">");
    try (var sending = flow.submission(core.anna(), ANNA).to(BERT)) {
      assertThat(sending.verdict(spam)).isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    assertThat(flow.inbox(core.bert()).getFirst()).doesNotContain("X-Mailstead-Spam");
    assertThat(junk(core.bert())).isEmpty();
  }
}
