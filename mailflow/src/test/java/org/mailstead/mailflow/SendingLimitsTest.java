package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.store.FaultPlan.Fault;

/// LIM-3, through reception: the maxima here are 4 external recipients of a user, 6 of the account,
/// 3 of test domains.
class SendingLimitsTest {
  private static final String ANNA = "anna@example.test";
  private static final String BERT = "bert@example.test";
  private static final int STEP_MAX = 400;

  private final MailflowFixture flow = limited();
  private final CoreFixture core = flow.core;

  private static MailflowFixture limited() {
    MailflowFixture flow = new MailflowFixture();
    flow.maxima = new SendingMaxima(4, 6, 3);
    flow.restart();
    return flow;
  }

  @AfterEach
  void closeAndCheck() {
    flow.close();
  }

  private SendingLimits.Usage usage() {
    return flow.limits().usage(core.account());
  }

  private Verdict send(EntityId user, String from, String... to) {
    try (var sending = flow.submission(user, from).to(to)) {
      for (Verdict each : sending.recipients) {
        if (!(each instanceof Verdict.Accepted)) return each;
      }
      return sending.verdict(MailflowFixture.message(from, "Hello"));
    }
  }

  private static void assertReply(Verdict verdict, String start) {
    assertThat(verdict.toString()).contains(start);
  }

  @Test
  @DisplayName("LIM-3: external recipients count, those of own domains are free")
  void externalRecipientsCount() {
    assertThat(send(core.anna(), ANNA, "a@far.example", "b@far.example", BERT, "team@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(usage().users()).isEqualTo(java.util.Map.of(core.anna().value(), 2L));
    assertThat(usage().external()).isEqualTo(2);
    assertThat(usage().test()).isZero();
    for (int i = 0; i < 20; i++) {
      assertThat(send(core.anna(), ANNA, BERT)).isInstanceOf(Verdict.Accepted.class);
    }
    assertThat(usage().external()).isEqualTo(2);
  }

  @Test
  @DisplayName("LIM-3: the user's limit is refused at RCPT with 452 and ends with the day")
  void theUsersLimit() {
    assertThat(send(core.anna(), ANNA, "a@far.example", "b@far.example", "c@far.example"))
        .isInstanceOf(Verdict.Accepted.class);
    try (var sending =
        flow.submission(core.anna(), ANNA).to("d@far.example", "e@far.example", BERT)) {
      // The same address again is no more recipients.
      sending.to("d@far.example");
      assertThat(sending.recipients.get(0)).isInstanceOf(Verdict.Accepted.class);
      assertReply(sending.recipients.get(1), "452 4.7.1 You may write to 4 external recipients");
      assertThat(sending.recipients.get(2)).isInstanceOf(Verdict.Accepted.class);
      assertThat(sending.recipients.get(3)).isInstanceOf(Verdict.Accepted.class);
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "Rest")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    assertThat(usage().external()).isEqualTo(4);
    assertReply(send(core.anna(), ANNA, "f@far.example"), "452 4.7.1");
    assertThat(send(core.bert(), BERT, "f@far.example")).isInstanceOf(Verdict.Accepted.class);
    flow.clock.advance(Duration.between(flow.clock.instant(), usage().until()));
    assertThat(send(core.anna(), ANNA, "f@far.example")).isInstanceOf(Verdict.Accepted.class);
    assertThat(usage().external()).isEqualTo(1);
    flow.settle();
  }

  @Test
  @DisplayName("LIM-3: the account's limit holds for all its users together")
  void theAccountsLimit() {
    String[] four = {"a@far.example", "b@far.example", "c@far.example", "d@far.example"};
    assertThat(send(core.anna(), ANNA, four)).isInstanceOf(Verdict.Accepted.class);
    assertReply(
        send(core.bert(), BERT, "a@far.example", "b@far.example", "c@far.example"),
        "452 4.7.1 This account may write to 6 external recipients");
    assertThat(send(core.bert(), BERT, "a@far.example", "b@far.example"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(usage().external()).isEqualTo(6);
    flow.settle();
  }

  @Test
  @DisplayName("LIM-3: what a test domain sends counts whatever the destination")
  void testDomains() {
    String test = "anna@" + CoreFixture.TEST_DOMAIN;
    core.directory()
        .registrations()
        .createAlias(core.change("CreateAlias"), core.organization(), core.anna(), test);
    // One mailbox here: delivered through the queue, because the count is in its commit.
    assertThat(send(core.anna(), test, BERT)).isInstanceOf(Verdict.Accepted.class);
    assertThat(usage().test()).isEqualTo(1);
    // A group is one recipient; an external one counts twice.
    assertThat(send(core.anna(), test, "team@example.test", "a@far.example"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(usage().test()).isEqualTo(3);
    assertThat(usage().external()).isEqualTo(1);
    assertReply(send(core.anna(), test, BERT), "452 4.7.1 Test domains of this account");
    // The From field counts as the envelope does: known after the data only.
    try (var sending = flow.submission(core.anna(), ANNA).to(BERT)) {
      assertReply(sending.verdict(MailflowFixture.message(test, "From")), "452 4.7.1");
    }
    assertThat(send(core.anna(), ANNA, BERT)).isInstanceOf(Verdict.Accepted.class);
    flow.settle();
  }

  @Test
  @DisplayName("LIM-3: a message that is beyond the limit by itself is refused for good")
  void beyondTheLimitByItself() {
    String test = "anna@" + CoreFixture.TEST_DOMAIN;
    core.directory()
        .registrations()
        .createAlias(core.change("CreateAlias"), core.organization(), core.anna(), test);
    try (var sending =
        flow.submission(core.anna(), ANNA)
            .to(BERT, "carl@example.test", "team@example.test", "nested@example.test")) {
      assertReply(sending.verdict(MailflowFixture.message(test, "Four")), "550 5.7.1");
    }
    assertThat(usage().test()).isZero();
  }

  @Test
  void mailFromOutsideCountsForNobody() {
    try (var sending = flow.inbound("x@far.example").to(ANNA, BERT)) {
      sending.verdict(MailflowFixture.message("x@far.example", "In"));
    }
    flow.settle();
    assertThat(usage().external()).isZero();
  }

  @Test
  @DisplayName("LIM-3: exact when many send at once")
  void exactUnderConcurrency() throws InterruptedException {
    AtomicInteger accepted = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(24);
    for (int i = 0; i < 24; i++) {
      String to = "p" + i + "@far.example";
      boolean anna = i % 2 == 0;
      Thread.ofVirtual()
          .start(() -> {
            try {
              Verdict verdict = anna ? send(core.anna(), ANNA, to) : send(core.bert(), BERT, to);
              if (verdict instanceof Verdict.Accepted) accepted.incrementAndGet();
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    assertThat(accepted.get()).isEqualTo(6);
    assertThat(usage().external()).isEqualTo(6);
    assertThat(usage().users().values()).allMatch(count -> count <= 4);
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(6);
  }

  @Test
  void theCountsOfOldDaysGo() {
    send(core.anna(), ANNA, "a@far.example");
    long today = CountedRecipients.dayOf(flow.clock.instant());
    flow.queue().forgetCounted(today);
    assertThat(flow.queue().counted(today, core.account().value())).hasSize(1);
    flow.queue().forgetCounted(today + 1);
    assertThat(flow.queue().counted(today, core.account().value())).isEmpty();
    flow.settle();
  }

  @Test
  @DisplayName("LIM-3: a stop anywhere leaves the counts of what was accepted, no more and no less")
  void exactAfterACrashAnywhere() {
    int steps = 0;
    while (stop(++steps, Fault.UNAVAILABLE_BEFORE, Integer.MAX_VALUE - steps)) {
      assertThat(steps).isLessThan(STEP_MAX);
    }
    assertThat(steps).isGreaterThan(3);
  }

  @Test
  @DisplayName("LIM-3: a lost answer anywhere is counted as what came of it")
  void exactAfterALostAnswer() {
    int steps = 0;
    while (stop(++steps, Fault.UNKNOWN_AFTER, 1)) assertThat(steps).isLessThan(STEP_MAX);
  }

  private static boolean stop(int step, Fault fault, int count) {
    try (var flow = limited()) {
      boolean acknowledged = false;
      CoreFixture core = flow.core;
      // The sum is known already, as it is but for the first message of a day.
      flow.limits().usage(core.account());
      try (var sending =
          flow.submission(core.anna(), ANNA).to("a@far.example", "b@far.example", BERT)) {
        flow.faults.fail(step, count, fault);
        acknowledged =
            sending.verdict(MailflowFixture.message(ANNA, "C")) instanceof Verdict.Accepted;
      } catch (org.mailstead.base.UnavailableException e) {
        acknowledged = false;
      }
      if (acknowledged) {
        MailflowFixture.await(
            () -> flow.flow().activeCount() == 0 || flow.faults.callCount() >= step);
      }
      boolean reached = flow.faults.callCount() >= step;
      flow.faults.heal();
      if (count == 1) {
        long inMemory = flow.limits().usage(core.account()).external();
        assertThat(inMemory).as("without a restart, step " + step).isEqualTo(acknowledged ? 2 : 0);
      }
      flow.restart();
      assertThat(flow.limits().usage(core.account()).external())
          .as("step " + step)
          .isEqualTo(acknowledged ? 2 : 0);
      flow.settle();
      flow.clock.advance(Duration.ofMinutes(1));
      flow.settle();
      assertThat(flow.inbox(core.bert())).hasSize(acknowledged ? 1 : 0);
      return reached;
    }
  }
}
