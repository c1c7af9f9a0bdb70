package org.mailstead.workmail.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailstead.workmail.wire.shapes.CreateUserRequest;
import org.mailstead.workmail.wire.shapes.Operation;
import org.mailstead.workmail.wire.shapes.PutMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.Request;
import tools.jackson.databind.node.ObjectNode;

@DisplayName("API-1: input is checked against the model, in AWS's words")
final class ShapeReaderTest {
  private static final String ORGANIZATION = "\"OrganizationId\":\"m-" + "0".repeat(32) + "\"";

  @Test
  void theFifteenListsOfWorkMailComeInPages() {
    assertThat(
            Arrays.stream(Operation.values())
                .filter(o -> o.resultKey().isPresent())
                .map(Operation::wireName))
        .contains("ListUsers", "ListMailboxExportJobs", "ListPersonalAccessTokens")
        .hasSizeGreaterThanOrEqualTo(15);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void everyOperationReadsAnEmptyInputWithoutABug(Operation operation) {
    ShapeReader reader = new ShapeReader(AwsJson.parse(new byte[0]));
    Request request = operation.read(reader);
    assertThat(request.operation()).isEqualTo(operation);
    try {
      reader.finish(); // Nothing is required of it.
      assertThat(operation.wireName()).matches("(List|Lookup|CreateAccessKey).*");
    } catch (ApiException e) {
      assertThat(e.text()).contains("Member must not be null");
    }
  }

  @Test
  void membersArrive() {
    CreateUserRequest request =
        (CreateUserRequest)
            read(
                Operation.CREATE_USER,
                "{"
                    + ORGANIZATION
                    + ",\"Name\":\"amy\",\"DisplayName\":\"Ämy \\uD83D\\uDE00\","
                    + "\"Password\":\"planted-secret\",\"LastName\":null,\"Unknown\":null,"
                    + "\"HiddenFromGlobalAddressList\":true,\"Role\":\"REMOTE_USER\"}");
    assertThat(request.name()).isEqualTo("amy");
    assertThat(request.displayName()).isEqualTo("Ämy 😀");
    assertThat(request.password()).contains("planted-secret");
    assertThat(request.lastName()).isEmpty();
    assertThat(request.hiddenFromGlobalAddressList()).contains(true);
    assertThat(request.role()).hasToString("Optional[REMOTE_USER]");
    assertThat(request.toString()).doesNotContain("planted-secret");
    assertThat(AwsJson.auditText(request))
        .isEqualTo(
            ("{'organizationId':'m-"
                    + "0".repeat(32)
                    + "','name':'amy',"
                    + "'displayName':'HIDDEN_DUE_TO_SECURITY_REASONS',"
                    + "'hiddenFromGlobalAddressList':true,"
                    + "'password':'HIDDEN_DUE_TO_SECURITY_REASONS','role':'REMOTE_USER'}")
                .replace('\'', '"'));
  }

  @Test
  void aMemberThatTheModelDoesNotKnowIsNamed() {
    assertThatThrownBy(() ->
            read(
                Operation.LIST_USERS,
                "{" + ORGANIZATION + ",\"MaxResult%s\":5,\"Filters\":{\"Prefix\":\"a\"}}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("'maxResult%s' failed to satisfy constraint: Member is not known")
        .hasMessageContaining("'filters.prefix'");
  }

  @Test
  void oneAnswerNamesEveryProblem() {
    assertInvalid(
        Operation.CREATE_USER,
        "{\"OrganizationId\":\"m-1\",\"Name\":\"a b\"}",
        "4 validation errors detected: Value 'm-1' at 'organizationId' failed to satisfy"
            + " constraint: Member must have length greater than or equal to 34; Value 'm-1' at"
            + " 'organizationId' failed to satisfy constraint: Member must satisfy regular"
            + " expression pattern: ^m-[0-9a-f]{32}$; Value 'a b' at 'name' failed to satisfy"
            + " constraint: Member must satisfy regular expression pattern:"
            + " [\\w\\-.]+(@[a-zA-Z0-9.\\-]+\\.[a-zA-Z0-9-]{2,})?; Value null at 'displayName'"
            + " failed to satisfy constraint: Member must not be null");
  }

  @Test
  void secretsAreNotRepeated() {
    assertInvalid(
        Operation.RESET_PASSWORD,
        "{" + ORGANIZATION + ",\"UserId\":\"123456789012\",\"Password\":\"line\\nbreak\"}",
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member"
            + " must satisfy regular expression pattern: [\\u0020-\\u00FF]+");
  }

  @Test
  void numbersEnumerationsAndLists() {
    assertInvalid(
        Operation.LIST_USERS,
        "{" + ORGANIZATION + ",\"MaxResults\":101}",
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint:"
            + " Member must have value less than or equal to 100");
    assertInvalid(
        Operation.LIST_USERS,
        "{" + ORGANIZATION + ",\"Filters\":{\"State\":\"GONE\"}}",
        "1 validation error detected: Value 'GONE' at 'filters.state' failed to satisfy"
            + " constraint: Member must satisfy enum value set: [ENABLED, DISABLED, DELETED]");
    assertInvalid(
        Operation.PUT_MAILBOX_PERMISSIONS,
        "{"
            + ORGANIZATION
            + ",\"EntityId\":\"a\",\"GranteeId\":\"b\",\"PermissionValues\":[\"SEND_AS\",\"X\"]}",
        "1 validation error detected: Value '[SEND_AS, X]' at 'permissionValues' failed to satisfy"
            + " constraint: Member must satisfy constraint: [Member must satisfy enum value set:"
            + " [FULL_ACCESS, SEND_AS, SEND_ON_BEHALF]]");
    assertInvalid(
        Operation.CREATE_ORGANIZATION,
        "{\"Alias\":\"a\",\"Domains\":[{\"DomainName\":\"a b.c\"}]}",
        "1 validation error detected: Value 'a b.c' at 'domains.1.member.domainName' failed to"
            + " satisfy constraint: Member must satisfy regular expression pattern:"
            + " [a-zA-Z0-9.-]+");
    assertInvalid(
        Operation.CREATE_ORGANIZATION,
        "{\"Alias\":\"a\",\"Domains\":[{},{},{},{},{},{}]}",
        "1 validation error detected: Value 'a list of 6' at 'domains' failed to satisfy"
            + " constraint: Member must have length less than or equal to 5");
    assertThat(
            ((PutMailboxPermissionsRequest)
                    read(
                        Operation.PUT_MAILBOX_PERMISSIONS,
                        "{"
                            + ORGANIZATION
                            + ",\"EntityId\":\"a\",\"GranteeId\":\"b\",\"PermissionValues\":[]}"))
                .permissionValues())
        .isEmpty();
  }

  @Test
  void aWrongTypeIsASerializationError() {
    assertWrongType("\"Name\":1", "NUMBER_VALUE can not be converted to a String");
    assertWrongType("\"Name\":[]", "Start of list can not be converted to a String");
    assertWrongType(
        "\"HiddenFromGlobalAddressList\":\"true\"",
        "STRING_VALUE can not be converted to a Boolean");
    assertWrongType("\"Name\":\"\\ud800\"", "half a surrogate pair");
  }

  @Test
  void limitOfProblemsAndOfRepeatedValues() {
    StringBuilder domains = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      domains.append(i == 0 ? "" : ",").append("{\"DomainName\":\"!\",\"HostedZoneId\":\"/\"}");
    }
    String long5 = "x".repeat(5_000);
    assertThatThrownBy(() ->
            read(
                Operation.CREATE_ORGANIZATION,
                "{\"Alias\":\"" + long5 + "\",\"Domains\":[" + domains + "]}"))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.text()).contains("…").doesNotContain("x".repeat(300));
              assertThat(e.text().split("; "))
                  .hasSizeLessThanOrEqualTo(ShapeReader.PROBLEM_COUNT_MAX);
            });
    String rules = "{\"Effect\":\"!\",\"TargetUsers\":[]},".repeat(10);
    assertThatThrownBy(() ->
            read(
                Operation.CREATE_IMPERSONATION_ROLE,
                "{\"Rules\":[" + rules.substring(0, rules.length() - 1) + "]}"))
        .hasMessageStartingWith(ShapeReader.PROBLEM_COUNT_MAX + " validation errors");
  }

  @Test
  void hostileBodiesAreSerializationErrorsThatRepeatNothing() {
    String deep = "{\"a\":".repeat(ApiLimits.NESTING_MAX + 1) + "1";
    for (byte[] body :
        new byte[][] {
          "planted".getBytes(UTF_8),
          "[]".getBytes(UTF_8),
          "{\"a\":1} {\"b\":2}".getBytes(UTF_8),
          "{\"Password\":\"planted\",\"Password\":\"planted\"}".getBytes(UTF_8),
          "{\"Password\":\"planted".getBytes(UTF_8),
          {'{', '"', 'a', '"', ':', '"', (byte) 0xC3, (byte) 0x28, '"', '}'},
          {'{', '"', 'a', '"', ':', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', '}'},
          "{\"a\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_16),
          ("{\"a\":" + "9".repeat(ApiLimits.NUMBER_LENGTH_MAX + 1) + "}").getBytes(UTF_8),
          (deep + "}".repeat(ApiLimits.NESTING_MAX + 1)).getBytes(UTF_8),
          deep.getBytes(UTF_8),
        }) {
      assertThatThrownBy(() -> AwsJson.parse(body))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.code()).isEqualTo("SerializationException");
                assertThat(e.text()).doesNotContain("planted");
              });
    }
    String deepest =
        "{\"a\":".repeat(ApiLimits.NESTING_MAX) + "1" + "}".repeat(ApiLimits.NESTING_MAX);
    ObjectNode node = AwsJson.parse(deepest.getBytes(UTF_8));
    assertThat(node.has("a")).isTrue();
  }

  private static void assertWrongType(String member, String text) {
    assertThatThrownBy(() -> read(Operation.CREATE_USER, "{" + ORGANIZATION + "," + member + "}"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("SerializationException"))
        .hasMessageContaining(text);
  }

  private static void assertInvalid(Operation operation, String json, String text) {
    assertThatThrownBy(() -> read(operation, json))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.code()).isEqualTo("ValidationException");
              assertThat(e.text()).isEqualTo(text);
            });
  }

  private static Request read(Operation operation, String json) {
    ShapeReader reader = new ShapeReader(AwsJson.parse(json.getBytes(UTF_8)));
    Request request = operation.read(reader);
    reader.finish();
    return request;
  }
}
