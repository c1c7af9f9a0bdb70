package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.authorization.ManagedPolicies;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;

@DisplayName("API-2: what a key may do")
final class AccessPolicyTest {
  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void policy(String name, String statements) {
    api.directory
        .administrators()
        .putPolicy(
            api.core.change("CreatePolicy"),
            api.account(),
            name,
            ("{'Version':'2012-10-17','Statement':[" + statements + "]}").replace('\'', '"'));
  }

  private String denied(WorkMailClient by, String operation, String json) throws Exception {
    return api.refused(by, operation, json, "AccessDeniedException").text();
  }

  private String in(String rest) {
    return "{'OrganizationId':'" + o + "'" + rest + "}";
  }

  @Test
  void anAdministratorWithoutPoliciesMayDoNothingAndEveryDenialIsRecorded() throws Exception {
    AccessKey.WithSecret key = api.administrator("ops");
    try (WorkMailClient ops = api.client(key)) {
      assertThat(denied(ops, "ListUsers", in("")))
          .isEqualTo(
              "User: arn:aws:iam::%s:user/ops is not authorized to perform: workmail:ListUsers on"
                      .formatted(api.account())
                  + " resource: arn:aws:workmail:eu-west-1:%s:organization/%s because no"
                      .formatted(api.account(), o)
                  + " identity-based policy allows the workmail:ListUsers action");
      assertThat(denied(ops, "ListOrganizations", "{}")).contains("on resource: * because");
    }
    JsonNode record =
        api.audit(o).stream()
            .filter(r -> text(r, "eventName").equals("ListUsers"))
            .findFirst()
            .orElseThrow();
    assertThat(text(record, "errorCode")).isEqualTo("AccessDeniedException");
    assertThat(text(record.path("userIdentity"), "userName")).isEqualTo("ops");
    assertThat(text(record.path("requestParameters"), "organizationId")).isEqualTo(o);
  }

  @Test
  @DisplayName("API-2: read-only reads and changes nothing, for every operation of the model")
  void readOnly() throws Exception {
    AccessKey.WithSecret key = api.administrator("reader", ManagedPolicies.READ_ONLY_ACCESS);
    try (WorkMailClient reader = api.client(key)) {
      api.call(reader, "ListUsers", in(""));
      api.call(reader, "DescribeOrganization", in(""));
      for (Operation operation : Operation.values()) {
        String name = operation.wireName();
        if (name.startsWith("Get") || name.startsWith("List") || name.startsWith("Describe")) {
          continue;
        }
        try {
          reader.call(name, ApiFixture.object(in("")));
          throw new AssertionError(name + " was allowed");
        } catch (org.mailstead.workmail.wire.ApiException e) {
          // Where the input lacks something it is told so first; nothing gets beyond the policy.
          assertThat(e.code())
              .as(name)
              .isIn("AccessDeniedException", "ValidationException", "SerializationException");
        }
      }
      assertThat(denied(reader, "DeleteUser", in(",'UserId':'amy'"))).contains("DeleteUser");
    }
    try (WorkMailClient full = api.client(api.administrator("full", ManagedPolicies.FULL_ACCESS))) {
      api.call(full, "DeleteUser", in(",'UserId':'nobody'"));
    }
  }

  @Test
  void anExplicitDenyWinsAndConditionsLookAtTheRequest() throws Exception {
    String other = api.organization("other");
    policy(
        "here",
        "{'Effect':'Deny','Action':'*','Resource':'*',"
            + "'Condition':{'NotIpAddress':{'aws:SourceIp':'127.0.0.0/8'}}},"
            + "{'Effect':'Deny','Action':'workmail:Delete*',"
            + "'Resource':'arn:aws:workmail:*:*:organization/"
            + o
            + "'}");
    policy(
        "elsewhere",
        "{'Effect':'Deny','Action':'*','Resource':'*',"
            + "'Condition':{'IpAddress':{'aws:SourceIp':'127.0.0.1'}}}");
    AccessKey.WithSecret key = api.administrator("ops", ManagedPolicies.FULL_ACCESS, "here");
    try (WorkMailClient ops = api.client(key)) {
      api.call(ops, "ListUsers", in(""));
      assertThat(denied(ops, "DeleteUser", in(",'UserId':'nobody'")))
          .endsWith("with an explicit deny in an identity-based policy");
      api.call(ops, "DeleteUser", "{'OrganizationId':'" + other + "','UserId':'nobody'}");
      api.administrator("ops", "elsewhere");
      denied(ops, "ListUsers", in(""));
    }
  }

  @Test
  void tagsOfTheOrganizationAndOfTheRequest() throws Exception {
    String other = api.organization("other");
    api.tags.put(o, Map.of("Stage", "test"));
    policy(
        "test-only",
        "{'Effect':'Allow','Action':['workmail:ListUsers','workmail:CreateUser'],'Resource':'*',"
            + "'Condition':{'StringEquals':{'aws:ResourceTag/Stage':'test'}}},"
            + "{'Effect':'Deny','Action':'workmail:TagResource','Resource':'*',"
            + "'Condition':{'ForAnyValue:StringEquals':{'aws:TagKeys':'Stage'}}},"
            + "{'Effect':'Allow','Action':'workmail:TagResource',"
            + "'Resource':'arn:aws:workmail:*:*:organization/"
            + o
            + "'}");
    try (WorkMailClient ops = api.client(api.administrator("ops", "test-only"))) {
      api.call(ops, "ListUsers", in(""));
      denied(ops, "ListUsers", "{'OrganizationId':'" + other + "'}");
      String arn = "arn:aws:workmail:eu-west-1:" + api.account() + ":organization/";
      String tag = "{'ResourceARN':'%s','Tags':[{'Key':'%s','Value':'x'}]}";
      assertThat(denied(ops, "TagResource", tag.formatted(arn + o, "Stage"))).contains("explicit");
      assertThat(denied(ops, "TagResource", tag.formatted(arn + other, "Owner")))
          .contains("no identity-based policy");
      try {
        ops.call("TagResource", ApiFixture.object(tag.formatted(arn + o, "Owner")));
      } catch (org.mailstead.workmail.wire.ApiException e) {
        assertThat(e.code()).isNotEqualTo("AccessDeniedException");
      }
    }
  }

  @Test
  void timeAndTransportCount() throws Exception {
    policy(
        "later",
        "{'Effect':'Allow','Action':'workmail:List*','Resource':'*',"
            + "'Condition':{'DateGreaterThan':{'aws:CurrentTime':'2027-01-01T00:00:30Z'}}},"
            + "{'Effect':'Allow','Action':'workmail:DescribeOrganization','Resource':'*',"
            + "'Condition':{'Bool':{'aws:SecureTransport':'true'}}}");
    try (WorkMailClient ops = api.client(api.administrator("ops", "later"))) {
      denied(ops, "ListUsers", in(""));
      denied(ops, "DescribeOrganization", in("")); // The fixture has no TLS.
      api.core.clock().advance(java.time.Duration.ofMinutes(1));
      api.call(ops, "ListUsers", in(""));
    }
  }

  @Test
  void organizationsOfOthersAreNotFoundAndDenialsDoNotTellThemApart() throws Exception {
    var stranger = api.directory.accounts().createAccount();
    try (WorkMailClient root = api.client(api.key(stranger))) {
      api.refused(root, "ListUsers", in(""), "OrganizationNotFoundException");
    }
    api.directory.administrators().createUser(api.core.change("CreateUser"), stranger, "spy");
    AccessKey.WithSecret spyKey =
        api.directory
            .accounts()
            .createKey(api.core.change("CreateAccessKey"), stranger, Optional.of("spy"));
    try (WorkMailClient spy = api.client(spyKey)) {
      String one = denied(spy, "ListUsers", in("")).replace(o, "X");
      String none = "m-" + "0".repeat(32);
      String two = denied(spy, "ListUsers", "{'OrganizationId':'" + none + "'}").replace(none, "X");
      assertThat(one).isEqualTo(two);
    }
    assertThat(List.copyOf(api.audit(o)).toString()).doesNotContain("spy");
  }

  @Test
  void aKeyThatIsSwitchedOffIsUnknown() throws Exception {
    AccessKey.WithSecret key = api.administrator("ops", ManagedPolicies.FULL_ACCESS);
    try (WorkMailClient ops = api.client(key)) {
      api.call(ops, "ListOrganizations", "{}");
      String id = key.key().id();
      var accounts = api.directory.accounts();
      accounts.activateKey(api.core.change("UpdateAccessKey"), api.account(), id, false);
      api.refused(ops, "ListOrganizations", "{}", "UnrecognizedClientException");
      accounts.activateKey(api.core.change("UpdateAccessKey"), api.account(), id, true);
      api.call(ops, "ListOrganizations", "{}");
    }
  }
}
