package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.TraceEntry;
import org.mailstead.core.trace.TraceEvent;
import org.mailstead.core.trace.TraceSummary;
import tools.jackson.databind.JsonNode;

@DisplayName("FLW-8, FLW-4: message traces and rules on past mail, by operation")
final class TraceOperationsTest {
  private ApiFixture fixture;
  private String organization;

  @BeforeEach
  void start() throws Exception {
    fixture = new ApiFixture();
    organization = fixture.organization("tour");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private JsonNode call(String operation, String members) throws Exception {
    return fixture.call(operation, "{'OrganizationId':'" + organization + "'" + members + "}");
  }

  private String trace(int number, String sender, String to) {
    MessageTrace trace = fixture.services.trace();
    String id = new QueueId(number, 0).toString();
    var owner = new OrganizationId(organization);
    trace.add(
        new TraceEntry.Arrived(
            owner,
            new TraceSummary(
                id,
                fixture.core.clock().instant().plusMillis(number),
                Optional.empty(),
                "192.0.2.7",
                Optional.of(sender),
                List.of(),
                List.of(sender),
                Optional.of("Subject " + number),
                Optional.of("<" + number + "@x.example>"),
                List.of(to),
                List.of(),
                1)));
    trace.add(
        new TraceEntry.Happened(
            owner,
            id,
            TraceEvent.of(fixture.core.clock().instant(), TraceEvent.Kind.DELIVERED, List.of(to))
                .withAction("INBOX")));
    assertThat(trace.flush(Duration.ofSeconds(20))).isTrue();
    return id;
  }

  @Test
  void messagesArePagedFilteredAndShown() throws Exception {
    String first = trace(1, "a@one.example", "amy@tour.mail.test");
    String second = trace(2, "b@two.example", "amy@tour.mail.test");
    JsonNode page = call("TraceMessages", ",'MaxResults':1");
    assertThat(page.path("Messages").path(0).path("QueueId").asString("")).isEqualTo(second);
    String token = page.path("NextToken").asString("");
    assertThat(
            call("TraceMessages", ",'MaxResults':1,'NextToken':'" + token + "'")
                .path("Messages")
                .path(0)
                .path("QueueId")
                .asString(""))
        .isEqualTo(first);
    assertThat(call("TraceMessages", ",'Sender':'one.example'").path("Messages").toString())
        .contains(first)
        .doesNotContain(second);
    assertThat(call("TraceMessages", ",'MessageId':'<2@x.example>'").path("Messages").size())
        .isEqualTo(1);
    JsonNode shown = call("GetMessageTrace", ",'QueueId':'" + first + "'");
    assertThat(shown.path("Message").path("Subject").asString("")).isEqualTo("Subject 1");
    assertThat(shown.path("Events").path(0).path("Kind").asString("")).isEqualTo("DELIVERED");
    assertThat(shown.path("Events").path(0).path("Action").asString("")).isEqualTo("INBOX");
  }

  @Test
  void proposedRulesAreTriedOnPastMail() throws Exception {
    String spam = trace(1, "a@spam.example", "amy@tour.mail.test");
    trace(2, "b@two.example", "amy@tour.mail.test");
    String rule = "{'Name':'r','Action':'DROP','SenderPatterns':['spam.example']}";
    JsonNode report = call("TestInboundMailFlowRulesOnPastMail", ",'Rule':" + rule);
    assertThat(report.path("Examined").asInt()).isEqualTo(2);
    assertThat(report.path("Changes").size()).isEqualTo(1);
    JsonNode change = report.path("Changes").path(0);
    assertThat(change.path("Message").path("QueueId").asString("")).isEqualTo(spam);
    assertThat(change.path("Before").toString()).isEqualTo("{\"Action\":\"DEFAULT\"}");
    assertThat(change.path("After").path("Action").asString("")).isEqualTo("DROP");
    assertThat(call("TestInboundMailFlowRulesOnPastMail", "").path("Changes").size()).isZero();
    assertThat(call("TestOutboundMailFlowRulesOnPastMail", "").path("Examined").asInt()).isZero();
  }
}
