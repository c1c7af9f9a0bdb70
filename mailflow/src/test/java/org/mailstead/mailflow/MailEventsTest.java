package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.smtp.server.Verdict;

@DisplayName("The e-mail event log hears what becomes of mail")
final class MailEventsTest {
  private static final String ANNA = "anna@example.test";

  private final MailflowFixture flow = new MailflowFixture();

  @AfterEach
  void close() {
    flow.close();
  }

  @Test
  void submittedReceivedDeliveredSentAndBounced() {
    flow.sink.answerRecipients(to ->
        to.local().equals("gone")
            ? Verdict.rejected(550, "5.1.1", "No such user")
            : Verdict.accepted());
    try (var sending =
        flow.submission(flow.core.anna(), ANNA)
            .to("friend@far.example", "gone@far.example", "bert@example.test")) {
      assertThat(sending.verdict(MailflowFixture.message(ANNA, "Plan")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    flow.settle();
    List<LogRecord.Email> heard = List.copyOf(flow.events);
    String trace = heard.getFirst().traceId();
    assertThat(heard).allMatch(e -> e.organization().equals(flow.core.organization()));
    List<EmailEvent> events =
        heard.stream().filter(e -> e.traceId().equals(trace)).map(LogRecord.Email::event).toList();
    assertThat(events)
        .filteredOn(EmailEvent.OutgoingEmailSubmitted.class::isInstance)
        .singleElement()
        .satisfies(event ->
            assertThat(event.members())
                .containsEntry("sender", ANNA)
                .containsEntry("subject", "Plan")
                .extractingByKey("recipients")
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(3));
    assertThat(events)
        .filteredOn(EmailEvent.OrganizationEmailReceived.class::isInstance)
        .singleElement()
        .satisfies(event ->
            assertThat(event.members()).containsEntry("recipients", List.of("bert@example.test")));
    assertThat(events).contains(new EmailEvent.MailboxEmailDelivered("bert@example.test", "INBOX"));
    assertThat(events)
        .filteredOn(EmailEvent.OutgoingEmailSent.class::isInstance)
        .extracting(event -> event.members().get("recipient"))
        .containsExactly("friend@far.example");
    assertThat(events)
        .filteredOn(EmailEvent.OutgoingEmailBounced.class::isInstance)
        .singleElement()
        .satisfies(event ->
            assertThat(event.members().get("bouncedRecipient").toString())
                .contains("gone@far.example", "5.1.1", "No such user"));
  }
}
