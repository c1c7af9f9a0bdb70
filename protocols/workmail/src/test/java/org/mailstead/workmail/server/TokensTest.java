package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// API-1: NextToken of every list operation in the models.
final class TokensTest {
  /// Lists that can be filled through operations, as far as they are built.
  private static final Set<String> FILLED =
      Set.of(
          "ListUsers",
          "ListGroups",
          "ListMailDomains",
          "ListAliases",
          "ListGroupMembers",
          "ListGroupsForEntity",
          "ListMailboxPermissions",
          "DescribeMailDomains",
          "GetMobileDevicesForUser",
          "ListDisabledMailboxes",
          "SearchMembers");

  private final ModelInputs inputs = new ModelInputs();
  private ApiFixture api;
  private Planted planted;
  private String second;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    planted = new Planted(api, inputs, "tour");
    second =
        text(
            api.call(planted.client, "CreateOrganization", "{'Alias':'second'}"), "OrganizationId");
  }

  @AfterEach
  void stop() {
    planted.close();
    api.close();
  }

  @Test
  @DisplayName("API-1: a NextToken counts for its own list only, unaltered")
  void tokensCountForTheirOwnListOnly() throws Exception {
    String foreign = text(call("ListUsers", 1, ""), "NextToken");
    Set<String> paged = new TreeSet<>();
    List<String> wrong = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      String name = operation.wireName();
      if (operation.resultKey().isEmpty()) continue;
      if (!name.equals("ListUsers")) refused(name, foreign, "another list's token", wrong);
      refused(name, "AAAA", "a made-up token", wrong);
      refused(name, "\u0001\u00e9 not base64", "garbage", wrong);
      JsonNode first = call(name, 1, "");
      if (!first.has("NextToken")) continue;
      paged.add(name);
      String token = text(first, "NextToken");
      char other = token.charAt(3) == 'A' ? 'B' : 'A';
      refused(name, token.substring(0, 3) + other + token.substring(4), "an altered token", wrong);
      refused(name, token.substring(0, token.length() - 4), "a cut token", wrong);
      if (inputs.members(name).contains("OrganizationId")) {
        ObjectNode elsewhere = input(name, 1, token);
        elsewhere.put("OrganizationId", second);
        refused(name, elsewhere, "another organization's token", wrong);
      }
      wholeList(operation, wrong);
    }
    assertThat(wrong).isEmpty();
    assertThat(paged).containsAll(FILLED);
  }

  /// Pages of one item join to the list that one call answers, without repetition.
  private void wholeList(Operation operation, List<String> wrong) throws Exception {
    String name = operation.wireName();
    String key = operation.resultKey().orElseThrow();
    List<JsonNode> whole = new ArrayList<>();
    call(name, 100, "").path(key).forEach(whole::add);
    List<JsonNode> joined = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = call(name, 1, token);
      if (page.path(key).size() > 1) wrong.add(name + ": more than MaxResults");
      page.path(key).forEach(joined::add);
      token = page.path("NextToken").asString("");
      if (decoded(token).contains(planted.organization)) wrong.add(name + ": the token tells ids");
    } while (!token.isEmpty() && joined.size() < 1_000);
    // The list grows while it is read only where reading is recorded in it.
    boolean grows = name.equals("LookupEvents");
    if (!grows && (!joined.equals(whole) || new HashSet<>(joined).size() < joined.size())) {
      wrong.add(name + ": pages of one do not join to the whole");
    }
  }

  private static String decoded(String token) {
    return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.ISO_8859_1);
  }

  private ObjectNode call(String name, int countMax, String token) throws Exception {
    return planted.client.call(name, input(name, countMax, token));
  }

  private ObjectNode input(String name, int countMax, String token) {
    ObjectNode input = inputs.valid(name, planted.values(0), 0, false);
    input.put("MaxResults", countMax);
    if (!token.isEmpty()) input.put("NextToken", token);
    return input;
  }

  private void refused(String name, String token, String what, List<String> wrong)
      throws Exception {
    refused(name, input(name, 1, token), what, wrong);
  }

  private void refused(String name, ObjectNode input, String what, List<String> wrong)
      throws Exception {
    try {
      planted.client.call(name, input);
      wrong.add(name + " took " + what);
    } catch (ApiException e) {
      Set<String> codes = Set.of("InvalidParameterException", "ValidationException");
      boolean foreignEntity =
          what.startsWith("another organization") && e.code().equals("EntityNotFoundException");
      if (!codes.contains(e.code()) && !foreignEntity) {
        wrong.add(name + ": " + what + ": " + e.code());
      }
    }
  }
}
