package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.queue.RecipientState;
import tools.jackson.databind.JsonNode;

/// The mail queue and journaling through the API.
final class QueueOperationsTest {
  private ApiFixture api;
  private String o;
  private String amy;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
    amy = api.enabledUser(o, "amy", "tour.mail.test");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }

  private void refused(String operation, String rest, String code) throws Exception {
    api.refused(operation, "{'OrganizationId':'" + o + "'" + rest + "}", code);
  }

  /// Queues a message of amy's to two people, one attempt at the second done.
  private Claim queued(String organization, int external) {
    var id = api.queue.newId();
    var owner = new OrganizationId(organization);
    var now = api.core.clock().instant();
    List<QueueRecipient> recipients = new ArrayList<>();
    for (String to : List.of("a@far.example", "b@far.example")) {
      recipients.add(
          new QueueRecipient(
              EmailAddress.parse(to),
              Optional.empty(),
              Set.of(),
              new QueueRecipient.Target.Remote()));
    }
    var envelope =
        new QueueEnvelope(
            owner,
            Optional.of(EmailAddress.parse("amy@tour.mail.test")),
            Optional.of(new EntityId(amy)),
            QueueEnvelope.Origin.SUBMISSION,
            QueueEnvelope.Priority.NORMAL,
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            now,
            now.plus(Duration.ofDays(4)));
    byte[] bytes = "Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    var counted =
        new CountedRecipients(
            CountedRecipients.dayOf(now), api.account().value(), amy, external, 1);
    return api.queue
        .accept(
            List.of(
                new NewEntry(
                    id,
                    envelope,
                    recipients,
                    api.queue.stage(id, owner, Content.of(bytes)),
                    Optional.of(counted))))
        .getFirst();
  }

  private QueueId waiting(String organization) {
    Claim claim = queued(organization, 2);
    TreeMap<Integer, RecipientState> states = new TreeMap<>();
    states.put(
        1,
        claim
            .state(1)
            .retried(api.core.clock().instant().plus(Duration.ofMinutes(5)), "450 4.2.0 later"));
    api.queue.record(claim, states, List.of(), true);
    return claim.id();
  }

  @Test
  @DisplayName("FLW-8: the queue is listed page by page, each organization its own")
  void lists() throws Exception {
    String other = api.organization("other");
    Set<String> mine = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      mine.add(waiting(o).toString());
      waiting(other);
    }
    Set<String> found = new HashSet<>();
    String token = "";
    do {
      JsonNode page =
          call("ListQueuedMessages", ",'MaxResults':2" + (token.isEmpty() ? "" : token));
      assertThat(page.path("Messages").size()).isLessThanOrEqualTo(2);
      page.path("Messages").forEach(each -> assertThat(found.add(text(each, "QueueId"))).isTrue());
      String next = page.path("NextToken").asString("");
      token = next.isEmpty() ? "" : ",'NextToken':'" + next + "'";
    } while (!token.isEmpty());
    assertThat(found).isEqualTo(mine);
  }

  @Test
  @DisplayName("FLW-8: a message is shown, held, released, tried and deleted, audited")
  void operates() throws Exception {
    QueueId id = waiting(o);
    String named = ",'QueueId':'" + id + "'";
    JsonNode shown = call("DescribeQueuedMessage", named);
    assertThat(text(shown.path("Message"), "State")).isEqualTo("WAITING");
    assertThat(text(shown.path("Message"), "Sender")).isEqualTo("amy@tour.mail.test");
    assertThat(text(shown.path("Message"), "Submitter")).isEqualTo(amy);
    assertThat(text(shown.path("Recipients").get(1), "LastReply")).isEqualTo("450 4.2.0 later");
    assertThat(shown.path("Recipients").get(1).path("Attempts").asInt()).isEqualTo(1);
    call("HoldQueuedMessage", named);
    assertThat(text(call("DescribeQueuedMessage", named).path("Message"), "State"))
        .isEqualTo("HELD");
    refused("HoldQueuedMessage", named, "EntityStateException");
    refused("RetryQueuedMessage", named, "EntityStateException");
    assertThat(api.queue.claimDue(id.shard(), 10)).isEmpty();
    call("ReleaseQueuedMessage", named);
    refused("ReleaseQueuedMessage", named, "EntityStateException");
    call("RetryQueuedMessage", named);
    Claim claim = api.queue.claimDue(id.shard(), 10).getFirst();
    assertThat(text(call("DescribeQueuedMessage", named).path("Message"), "State"))
        .isEqualTo("DELIVERING");
    refused("DeleteQueuedMessage", named, "EntityStateException");
    api.queue.release(claim);
    call("DeleteQueuedMessage", named);
    refused("DeleteQueuedMessage", named, "EntityNotFoundException");
    assertThat(call("ListQueuedMessages", "").path("Messages").size()).isZero();
    List<String> recorded = new ArrayList<>();
    for (JsonNode record : api.audit(o)) {
      if (record.path("errorCode").asString("").isEmpty()) recorded.add(text(record, "eventName"));
    }
    assertThat(recorded)
        .contains(
            "HoldQueuedMessage",
            "ReleaseQueuedMessage",
            "RetryQueuedMessage",
            "DeleteQueuedMessage",
            "DescribeQueuedMessage");
  }

  @Test
  @DisplayName("FLW-8: messages of other organizations are not there")
  void foreign() throws Exception {
    String named = ",'QueueId':'" + waiting(api.organization("other")) + "'";
    for (String each : List.of("Describe", "Hold", "Release", "Retry", "Delete")) {
      refused(each + "QueuedMessage", named, "EntityNotFoundException");
    }
    api.refused(
        "ListQueuedMessages",
        "{'OrganizationId':'m-00000000000000000000000000000000'}",
        "OrganizationNotFoundException");
    refused("ListQueuedMessages", ",'NextToken':'x'", "InvalidParameterException");
  }

  @Test
  @DisplayName("LIM-3: what is used of the limits is shown")
  void usage() throws Exception {
    waiting(o);
    waiting(o);
    JsonNode usage = call("DescribeSendingUsage", "");
    assertThat(usage.path("AccountExternalRecipients").asInt()).isEqualTo(4);
    assertThat(usage.path("AccountExternalLimit").asInt()).isEqualTo(6);
    assertThat(usage.path("AccountTestDomainRecipients").asInt()).isEqualTo(2);
    assertThat(usage.path("UserExternalLimit").asInt()).isEqualTo(4);
    assertThat(text(usage.path("Users").get(0), "UserId")).isEqualTo(amy);
    assertThat(usage.path("Users").get(0).path("ExternalRecipients").asInt()).isEqualTo(4);
  }

  @Test
  @DisplayName("JRN-1: journaling is turned on with both addresses, and off; addresses stay")
  void journaling() throws Exception {
    assertThat(call("GetJournalingRules", "").path("Enabled").asBoolean()).isFalse();
    refused("SetJournalingRules", ",'Enabled':true", "InvalidParameterException");
    refused(
        "SetJournalingRules",
        ",'Enabled':true,'JournalingAddress':'j@a.example'",
        "InvalidParameterException");
    refused(
        "SetJournalingRules",
        ",'Enabled':true,'JournalingAddress':'j@a.example','ReportAddress':'j@a.example'",
        "InvalidParameterException");
    call(
        "SetJournalingRules",
        ",'Enabled':true,'JournalingAddress':'j@a.example','ReportAddress':'amy@tour.mail.test'");
    JsonNode on = call("GetJournalingRules", "");
    assertThat(on.path("Enabled").asBoolean()).isTrue();
    assertThat(text(on, "JournalingAddress")).isEqualTo("j@a.example");
    assertThat(text(on, "ReportAddress")).isEqualTo("amy@tour.mail.test");
    call("SetJournalingRules", ",'Enabled':false");
    assertThat(text(call("GetJournalingRules", ""), "JournalingAddress")).isEqualTo("j@a.example");
    call("SetJournalingRules", ",'Enabled':true");
    assertThat(call("GetJournalingRules", "").path("Enabled").asBoolean()).isTrue();
  }
}
