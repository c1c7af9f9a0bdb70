package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.http.aws.Credentials;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

@DisplayName("JRN-2: every call is recorded once")
final class AuditTest {
  private static final String PLANTED = "Planted-secret-77";

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ((Logger) LoggerFactory.getLogger("org.mailstead")).setLevel(Level.TRACE);
    // The engine shows bodies at DEBUG; HttpServer says that it must not be set so.
    ((Logger) LoggerFactory.getLogger("org.eclipse.jetty")).setLevel(Level.INFO);
    log.start();
    root.addAppender(log);
    api = new ApiFixture();
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    api.close();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(log);
  }

  @Test
  void aChangeIsRecordedWithItsAnswerAndWithoutItsSecrets() throws Exception {
    String id =
        text(
            call(
                "CreateUser",
                ",'Name':'amy','DisplayName':'" + PLANTED + "-name','Password':'" + PLANTED + "'"),
            "UserId");
    List<JsonNode> records = api.audit(o).stream().filter(r -> is(r, "CreateUser")).toList();
    assertThat(records).hasSize(1);
    JsonNode record = records.get(0);
    assertThat(record.propertyNames())
        .containsExactlyInAnyOrder(
            "eventVersion",
            "userIdentity",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "requestParameters",
            "responseElements",
            "requestID",
            "eventID",
            "eventType",
            "recipientAccountId");
    assertThat(text(record, "eventVersion")).isEqualTo("1.05");
    assertThat(text(record, "eventSource")).isEqualTo("workmail.amazonaws.com");
    assertThat(text(record, "awsRegion")).isEqualTo("eu-west-1");
    assertThat(text(record, "sourceIPAddress")).isEqualTo("127.0.0.1");
    assertThat(text(record, "userAgent")).isEqualTo("mailstead");
    assertThat(text(record, "eventTime")).isEqualTo("2027-01-01T00:00:00Z");
    assertThat(text(record, "recipientAccountId")).isEqualTo(api.account().value());
    JsonNode identity = record.path("userIdentity");
    assertThat(text(identity, "type")).isEqualTo("Root");
    assertThat(text(identity, "accessKeyId")).isEqualTo(api.credentials().accessKeyId());
    assertThat(record.path("requestParameters").toString())
        .isEqualTo(
            ("{'organizationId':'"
                    + o
                    + "','name':'amy',"
                    + "'displayName':'HIDDEN_DUE_TO_SECURITY_REASONS',"
                    + "'password':'HIDDEN_DUE_TO_SECURITY_REASONS'}")
                .replace('\'', '"'));
    assertThat(text(record.path("responseElements"), "userId")).isEqualTo(id);
  }

  @Test
  void readsAndRefusalsAreRecordedToo() throws Exception {
    call("ListUsers", "");
    refused("DescribeUser", ",'UserId':'nobody'", "EntityNotFoundException");
    refused("ListUsers", ",'MaxResults':0", "ValidationException");
    call("DeleteUser", ",'UserId':'nobody'");
    List<JsonNode> records = api.audit(o);
    assertThat(records.stream().filter(r -> is(r, "ListUsers")).toList()).hasSize(1);
    assertThat(records.stream().filter(r -> is(r, "DeleteUser")).toList()).hasSize(1);
    List<JsonNode> refused = records.stream().filter(r -> is(r, "DescribeUser")).toList();
    assertThat(refused).hasSize(1);
    assertThat(text(refused.get(0), "errorCode")).isEqualTo("EntityNotFoundException");
    assertThat(refused.get(0).path("responseElements").isNull()).isTrue();
    // What is not valid is the account's: nobody has checked yet whose organization it names.
    assertThat(
            api.audit(api.account().value()).stream()
                .filter(r -> is(r, "ListUsers"))
                .map(r -> text(r, "errorCode")))
        .containsExactly("ValidationException");
  }

  @Test
  void aCallOnAnotherAccountsOrganizationIsRecordedForTheCallerOnly() throws Exception {
    AccessKey.WithSecret key = api.key(api.directory.accounts().createAccount());
    try (WorkMailClient stranger = api.client(key)) {
      api.refused(
          stranger, "ListUsers", "{'OrganizationId':'" + o + "'}", "OrganizationNotFoundException");
    }
    assertThat(api.audit(o).stream().filter(r -> is(r, "ListUsers"))).isEmpty();
    assertThat(api.audit(key.key().account().value()).stream().filter(r -> is(r, "ListUsers")))
        .hasSize(1);
  }

  @Test
  void refusalsAreRecordedAndAKeyWithAUserNamesThatUser() throws Exception {
    AccessKey.WithSecret key = api.administrator("ops", "AmazonWorkMailFullAccess");
    try (WorkMailClient ops = api.client(key)) {
      api.refused(
          ops,
          "DescribeUser",
          "{'OrganizationId':'" + o + "','UserId':'none'}",
          "EntityNotFoundException");
    }
    JsonNode record =
        api.audit(o).stream().filter(r -> is(r, "DescribeUser")).findFirst().orElseThrow();
    assertThat(text(record, "errorCode")).isEqualTo("EntityNotFoundException");
    assertThat(text(record.path("userIdentity"), "type")).isEqualTo("IAMUser");
    assertThat(text(record.path("userIdentity"), "userName")).isEqualTo("ops");
  }

  @Test
  void aRequestWithoutAValidSignatureIsNobodysAndNotRecorded() throws Exception {
    int before = api.audit(api.account().value()).size();
    AccessKey.WithSecret known = api.key(api.account());
    int withKey = api.audit(api.account().value()).size();
    try (WorkMailClient forger =
        new WorkMailClient(
            api.endpoint(), new Credentials(known.key().id(), "forged"), api.core.clock())) {
      api.refused(forger, "ListOrganizations", "{}", "InvalidSignatureException");
    }
    assertThat(api.audit(api.account().value())).hasSize(withKey);
    assertThat(withKey).isGreaterThanOrEqualTo(before);
  }

  @Test
  void plantedSecretsAreNowhere() throws Exception {
    String secret = api.credentials().secretAccessKey();
    String amy = api.user(o, "amy");
    StringBuilder errors = new StringBuilder();
    String weak = "planted";
    errors.append(
        refused(
            "CreateUser",
            ",'Name':'b','DisplayName':'b','Password':'" + weak + "'",
            "InvalidPasswordException"));
    errors.append(
        refused(
            "ResetPassword",
            ",'UserId':'" + amy + "','Password':'" + PLANTED + "\\n'",
            "ValidationException"));
    errors.append(
        refused(
            "ResetPassword",
            ",'UserId':'" + amy + "','Password':['" + PLANTED + "']",
            "SerializationException"));
    errors.append(
        refused(
            "ResetPassword",
            ",'UserId':'" + amy + "','Password':'" + PLANTED + "' 'x",
            "SerializationException"));
    call("ResetPassword", ",'UserId':'" + amy + "','Password':'" + PLANTED + "'");
    errors.append(
        refused(
            "UpdateUser",
            ",'UserId':'amy','City':'" + PLANTED + "\\t'",
            "InvalidParameterException"));
    String audit = api.audit(o).toString() + api.audit(api.account().value());
    StringBuilder logged = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      logged.append(event.getFormattedMessage()).append(event.getThrowableProxy());
    }
    assertThat(logged.toString()).contains("ValidationException");
    for (String text : List.of(errors.toString(), audit, logged.toString())) {
      assertThat(text.toLowerCase(Locale.ROOT).contains("planted")).isFalse();
      assertThat(text.contains(secret)).isFalse();
    }
  }

  @Test
  void longTextsAreCutSoThatTheRecordFits() throws Exception {
    String range = "'203.0.113.128/25'";
    try {
      call(
          "PutAccessControlRule",
          ",'Name':'many','Effect':'ALLOW','Description':'all','IpRanges':["
              + (range + ",").repeat(1023)
              + range
              + "]");
    } catch (ApiException e) {
      assertThat(e.code()).isNotEqualTo("ValidationException");
    }
    JsonNode record =
        api.audit(o).stream().filter(r -> is(r, "PutAccessControlRule")).findFirst().orElseThrow();
    assertThat(record.path("requestParameters").path("omitted").booleanValue()).isTrue();
    assertThat(record.path("requestParameters").path("originalSize").intValue())
        .isGreaterThan(WorkMailApi.AUDIT_TEXT_MAX);
  }

  private static boolean is(JsonNode record, String operation) {
    return text(record, "eventName").equals(operation);
  }

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }

  /// Sends the text as it is: it need not be JSON.
  private String refused(String operation, String rest, String code) throws Exception {
    return api.refusedText(
            operation, ("{'OrganizationId':'" + o + "'" + rest + "}").replace('\'', '"'), code)
        .text();
  }
}
