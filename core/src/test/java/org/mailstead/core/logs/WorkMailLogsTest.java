package org.mailstead.core.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.AccessDecision;
import org.mailstead.core.access.LoginAttempt;
import org.mailstead.core.access.Protocol;
import org.mailstead.store.TestClock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("WorkMail's own logs")
final class WorkMailLogsTest {
  private static final OrganizationId O = new OrganizationId("m-" + "1".repeat(32));
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  private final TestClock clock = new TestClock();

  private WorkMailLogs logs(LogSettings settings) {
    return new WorkMailLogs(
        settings,
        o -> "arn:aws:workmail:eu-west-1:123456789012:organization/" + o.value(),
        _ -> true,
        clock,
        new SecureRandom());
  }

  private static LogRecord delivered(String recipient) {
    return new LogRecord.Email(
        Instant.parse("2027-01-01T00:00:00.123Z"),
        O,
        "trace-1",
        new EmailEvent.MailboxEmailDelivered(recipient, "INBOX"));
  }

  private List<JsonNode> lines(LogGroup group) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    Path of = folder.resolve(O.value()).resolve(group.name());
    if (!Files.isDirectory(of)) return lines;
    try (Stream<Path> files = Files.list(of)) {
      for (Path file : files.sorted().toList()) {
        Files.readAllLines(file).forEach(line -> lines.add(JSON.readTree(line)));
      }
    }
    return lines;
  }

  @Test
  void everyRecordHasTheFieldsOfItsLog() throws Exception {
    Instant at = Instant.parse("2027-01-01T00:00:00.123Z");
    Optional<String> none = Optional.empty();
    Map<LogRecord, String> wanted =
        Map.of(
            new LogRecord.AccessControl(
                at,
                O,
                Optional.of("u"),
                none,
                "IMAP",
                "192.0.2.1",
                "AccessControl",
                List.of("no-imap"),
                false),
            "{'user_id':'u','protocol':'IMAP','source_ip':'192.0.2.1','scope':'AccessControl',"
                + "'rule_id':'no-imap','access_granted':false}",
            new LogRecord.Authentication(
                at,
                O,
                Optional.of("u"),
                "amy@example",
                "SMTP",
                "192.0.2.1",
                none,
                "basic",
                false,
                Optional.of("wrong_secret"),
                none),
            "{'user_id':'u','user':'amy@example','protocol':'SMTP','source_ip':'192.0.2.1',"
                + "'method':'basic','auth_successful':false,'auth_failed_reason':'wrong_secret'}",
            new LogRecord.AvailabilityProvider(
                at,
                O,
                "EWS",
                Optional.of("example"),
                none,
                Optional.of("https://ews.example/"),
                Optional.of("timeout"),
                false),
            "{'type':'EWS','domain':'example','ews_endpoint':'https://ews.example/',"
                + "'error_message':'timeout','availability_event_successful':false}",
            new LogRecord.MailboxAccess(
                at,
                O,
                "u",
                Optional.of("admin"),
                "IMAP",
                "192.0.2.1",
                none,
                "read",
                Optional.of("u"),
                "Message",
                none,
                Optional.of("INBOX"),
                Optional.of("7"),
                true),
            "{'user_id':'u','impersonator_id':'admin','protocol':'IMAP','source_ip':'192.0.2.1',"
                + "'action':'read','owner_id':'u','object_type':'Message','folder_path':'INBOX',"
                + "'folder_id':'7','action_allowed':true}",
            new LogRecord.PersonalAccessToken(
                at,
                O,
                "u",
                "amy@example",
                "webapp",
                "192.0.2.1",
                none,
                "create",
                "phone",
                Optional.of(at),
                List.of("imap")),
            "{'user_id':'u','user':'amy@example','protocol':'webapp','source_ip':'192.0.2.1',"
                + "'action':'create','name':'phone','expires_time':'2027-01-01T00:00:00.123Z',"
                + "'scopes':['imap']}",
            delivered("amy@example"),
            "{'traceId':'trace-1','event':{'eventName':'MAILBOX_EMAIL_DELIVERED',"
                + "'recipient':'amy@example','folder':'INBOX'}}");
    try (WorkMailLogs logs = logs(LogSettings.standard(folder))) {
      wanted.keySet().forEach(logs::add);
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
    }
    wanted.forEach((record, json) -> {
      try {
        List<JsonNode> lines = lines(record.group());
        assertThat(lines).hasSize(1);
        JsonNode line = lines.getFirst();
        assertThat(line.path("event_timestamp").longValue()).isEqualTo(at.toEpochMilli());
        assertThat(line.path("request_id").asString()).hasSize(36);
        assertThat(line.path("organization_arn").asString()).endsWith(O.value());
        String rest = line.toString().substring(line.toString().indexOf(O.value()) + 36);
        assertThat("{" + rest).isEqualTo(json.replace('\'', '"'));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    });
    assertThat(wanted.keySet())
        .extracting(LogRecord::group)
        .containsExactlyInAnyOrder(LogGroup.values());
  }

  @Test
  void theNineEmailEventsHaveTheirNamesAndFields() {
    var bounced = new EmailEvent.Bounced("x@example", "no such mailbox", "5.1.1");
    List<EmailEvent> all =
        List.of(
            new EmailEvent.OrganizationEmailReceived(
                List.of("a@b"),
                "s@t",
                Optional.of("f@t"),
                Optional.of("Hello"),
                "id",
                EmailEvent.Verdicts.none(),
                Instant.EPOCH),
            new EmailEvent.MailboxEmailDelivered("a@b", "INBOX"),
            new EmailEvent.RuleApplied(
                "r",
                "INBOUND_RULE",
                List.of(new EmailEvent.RuleApplied.RuleAction("DROP", List.of("a@b"))),
                Optional.empty(),
                Optional.empty()),
            new EmailEvent.JournalingInitiated("j@t"),
            new EmailEvent.IncomingEmailBounced(bounced),
            new EmailEvent.OutgoingEmailSubmitted(
                List.of("a@b"), "s@t", Optional.empty(), Optional.empty()),
            new EmailEvent.OutgoingEmailSent("a@b", "s@t", Optional.empty(), "id"),
            new EmailEvent.OutgoingEmailBounced(bounced),
            new EmailEvent.DmarcPolicyApplied("f@t", List.of("a@b"), "REJECT"));
    assertThat(all)
        .extracting(event -> event.members().get("eventName"))
        .containsExactly(
            "ORGANIZATION_EMAIL_RECEIVED",
            "MAILBOX_EMAIL_DELIVERED",
            "RULE_APPLIED",
            "JOURNALING_INITIATED",
            "INCOMING_EMAIL_BOUNCED",
            "OUTGOING_EMAIL_SUBMITTED",
            "OUTGOING_EMAIL_SENT",
            "OUTGOING_EMAIL_BOUNCED",
            "DMARC_POLICY_APPLIED");
    assertThat(JSON.writeValueAsString(all.get(2).members()))
        .isEqualTo(
            ("{'eventName':'RULE_APPLIED','ruleName':'r','ruleType':'INBOUND_RULE',"
                    + "'ruleActions':[{'action':'DROP','recipients':['a@b']}]}")
                .replace('\'', '"'));
    assertThat(JSON.writeValueAsString(all.get(4).members()))
        .contains("\"bouncedRecipient\":{\"emailAddress\":\"x@example\"");
  }

  @Test
  void filesEndWithTheDayAndWhenTheyAreFullAndOldOnesGo() throws Exception {
    var settings = new LogSettings(folder, Set.of(LogGroup.EMAIL_EVENTS), 1_000, 1 << 20, 3, 1_000);
    Path of = folder.resolve(O.value()).resolve("EMAIL_EVENTS");
    try (WorkMailLogs logs = logs(settings)) {
      for (int i = 0; i < 20; i++) logs.add(delivered("a@b"));
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
      assertThat(lines(LogGroup.EMAIL_EVENTS)).hasSize(20);
      try (Stream<Path> files = Files.list(of)) {
        assertThat(files.map(p -> p.getFileName().toString()).sorted())
            .hasSizeBetween(3, 10)
            .startsWith("2027-01-01.0001.jsonl", "2027-01-01.0002.jsonl");
      }
      clock.advance(Duration.ofDays(2));
      logs.add(delivered("later@b"));
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
      assertThat(of.resolve("2027-01-03.0001.jsonl")).exists();
      clock.advance(Duration.ofDays(2));
      logs.tidy(clock.instant());
      try (Stream<Path> files = Files.list(of)) {
        assertThat(files.map(p -> p.getFileName().toString()))
            .containsExactly("2027-01-03.0001.jsonl");
      }
      clock.advance(Duration.ofDays(2));
      logs.tidy(clock.instant());
      assertThat(lines(LogGroup.EMAIL_EVENTS)).isEmpty();
    }
  }

  @Test
  @DisplayName("limit: records that wait; nobody is held up, and the next line says how many went")
  void limitOfRecordsThatWait() throws Exception {
    var stuck = new CountDownLatch(1);
    var settings = new LogSettings(folder, Set.of(LogGroup.EMAIL_EVENTS), 1 << 20, 1 << 20, 30, 10);
    try (WorkMailLogs logs =
        new WorkMailLogs(
            settings,
            o -> o.value(),
            _ -> {
              try {
                stuck.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return true;
            },
            clock,
            new SecureRandom())) {
      long before = System.nanoTime();
      for (int i = 0; i < 5_000; i++) logs.add(delivered("a@b"));
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
      assertThat(logs.droppedCount()).isGreaterThan(4_900);
      stuck.countDown();
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
      long said = 0;
      long written = 0;
      for (JsonNode line : lines(LogGroup.EMAIL_EVENTS)) {
        if (line.has("dropped")) said += line.path("dropped").longValue();
        else written++;
      }
      assertThat(said).isEqualTo(logs.droppedCount());
      assertThat(written + said).isEqualTo(5_000);
    }
  }

  @Test
  void whatIsOffIsNotWrittenAndAnOrganizationDecidesAboutItsEmailEvents() throws Exception {
    var settings = new LogSettings(folder, Set.of(LogGroup.EMAIL_EVENTS), 1 << 20, 1 << 20, 30, 10);
    try (WorkMailLogs logs =
        new WorkMailLogs(settings, o -> o.value(), _ -> false, clock, new SecureRandom())) {
      assertThat(logs.isOn(LogGroup.AUTHENTICATION_LOGS)).isFalse();
      logs.add(delivered("a@b"));
      new LoginLog(logs, clock).attempted(attempt(LoginAttempt.Outcome.SUCCEEDED));
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
    }
    assertThat(lines(LogGroup.EMAIL_EVENTS)).isEmpty();
    assertThat(lines(LogGroup.AUTHENTICATION_LOGS)).isEmpty();
  }

  private LoginAttempt attempt(LoginAttempt.Outcome outcome) {
    return new LoginAttempt(
        clock.instant(),
        "amy@example",
        Optional.of(O),
        Optional.of(new EntityId("11111111-1111-1111-1111-111111111111")),
        Optional.empty(),
        Protocol.IMAP,
        InetAddress.getLoopbackAddress(),
        LoginAttempt.Method.PASSWORD,
        Optional.empty(),
        outcome == LoginAttempt.Outcome.ACCESS_DENIED
            ? Optional.of(new AccessDecision.Denied("rule", List.of("no-imap")))
            : Optional.empty(),
        outcome);
  }

  @Test
  void loginsAreInTheAuthenticationLogAndRulesInTheAccessControlLog() throws Exception {
    try (WorkMailLogs logs = logs(LogSettings.standard(folder))) {
      var log = new LoginLog(logs, clock);
      for (LoginAttempt.Outcome outcome : LoginAttempt.Outcome.values()) {
        log.attempted(attempt(outcome));
      }
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
    }
    List<JsonNode> logins = lines(LogGroup.AUTHENTICATION_LOGS);
    assertThat(logins).hasSize(LoginAttempt.Outcome.values().length);
    assertThat(logins.stream().filter(l -> l.path("auth_successful").booleanValue())).hasSize(3);
    List<JsonNode> rules = lines(LogGroup.ACCESS_CONTROL_LOGS);
    assertThat(rules).hasSize(1);
    assertThat(rules.getFirst().path("rule_id").asString()).isEqualTo("no-imap");
    assertThat(rules.getFirst().path("access_granted").booleanValue()).isFalse();
  }

  @Test
  @DisplayName("delivery of log files: every file, again after a failure or a crash")
  void delivery() throws Exception {
    Map<String, byte[]> bucket = new TreeMap<>();
    boolean[] away = {true};
    try (WorkMailLogs logs = logs(LogSettings.standard(folder))) {
      var delivery =
          new LogDelivery(
              logs,
              (key, content) -> {
                if (away[0]) throw new UnavailableException("away", Duration.ofSeconds(1));
                bucket.put(key, content);
              },
              _ -> "123456789012",
              "eu-west-1",
              Duration.ofMinutes(5),
              clock);
      logs.add(delivered("a@b"));
      assertThat(logs.flush(Duration.ofSeconds(10))).isTrue();
      delivery.runOnce();
      assertThat(delivery.status().waiting()).isZero(); // The file is still written to.
      clock.advance(Duration.ofMinutes(6));
      delivery.runOnce();
      assertThat(delivery.status().waiting()).isEqualTo(1);
      assertThat(delivery.status().failure()).contains("away");
      away[0] = false;
      delivery.runOnce();
      assertThat(delivery.status().waiting()).isZero();
      delivery.runOnce();
    }
    assertThat(bucket.keySet())
        .containsExactly(
            "AWSLogs/123456789012/WorkMailLogs/eu-west-1/"
                + O.value()
                + "/EMAIL_EVENTS/2027/01/01/2027-01-01.0001.jsonl.gz");
    try (var in =
        new GZIPInputStream(new ByteArrayInputStream(bucket.values().iterator().next()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("MAILBOX_EMAIL_DELIVERED");
    }
    assertThat(folder.resolve(O.value()).resolve("EMAIL_EVENTS/2027-01-01.0001.delivered.jsonl"))
        .exists();
  }
}
