package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.authorization.ManagedPolicies;
import org.mailstead.http.aws.Credentials;
import org.mailstead.workmail.client.WorkMailClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@DisplayName("API-4: administrators, policies and keys over the API")
final class AdministratorHandlerTest {
  private static final String IAM =
      "{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"iam:*\\\",\\\"Resource\\\":\\\"*\\\"}}";

  private ApiFixture api;

  @BeforeEach
  void start() {
    api = new ApiFixture();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private WorkMailClient client(ObjectNode key) {
    return new WorkMailClient(
        api.endpoint(),
        new Credentials(text(key, "AccessKeyId"), text(key, "SecretAccessKey")),
        api.core.clock());
  }

  @Test
  void theLifeOfAnAdministrator() throws Exception {
    assertThat(text(api.call("CreateAdministrator", "{'AdministratorName':'ops'}"), "Arn"))
        .isEqualTo("arn:aws:iam::" + api.account() + ":user/ops");
    api.refused("CreateAdministrator", "{'AdministratorName':'OPS'}", "NameAvailabilityException");
    api.call("CreateAdministratorGroup", "{'GroupName':'readers'}");
    api.call("AddAdministratorToGroup", "{'GroupName':'readers','AdministratorName':'ops'}");
    api.call(
        "AttachAccessPolicy",
        "{'GroupName':'readers','PolicyName':'AmazonWorkMailReadOnlyAccess'}");
    ObjectNode key = api.call("CreateAccessKey", "{'AdministratorName':'ops'}");
    try (WorkMailClient ops = client(key)) {
      api.call(ops, "ListOrganizations", "{}");
      api.refused(ops, "CreateOrganization", "{'Alias':'x'}", "AccessDeniedException");
      String id = text(key, "AccessKeyId");
      api.call("UpdateAccessKey", "{'AccessKeyId':'" + id + "','Status':'INACTIVE'}");
      api.refused(ops, "ListOrganizations", "{}", "UnrecognizedClientException");
      api.call("UpdateAccessKey", "{'AccessKeyId':'" + id + "','Status':'ACTIVE'}");
      ObjectNode rotated = api.call("RotateAccessKey", "{'AccessKeyId':'" + id + "'}");
      api.call("DeleteAccessKey", "{'AccessKeyId':'" + id + "'}");
      api.refused(ops, "ListOrganizations", "{}", "UnrecognizedClientException");
      try (WorkMailClient fresh = client(rotated)) {
        api.call(fresh, "ListOrganizations", "{}");
      }
      JsonNode listed = api.call("ListAccessKeys", "{'AdministratorName':'ops'}");
      assertThat(listed.path("AccessKeys")).hasSize(1);
      assertThat(listed.toString()).doesNotContain("Secret");
      api.refused(
          "DeleteAdministrator", "{'AdministratorName':'ops'}", "InvalidParameterException");
      api.call("DeleteAccessKey", "{'AccessKeyId':'" + text(rotated, "AccessKeyId") + "'}");
    }
    JsonNode described = api.call("DescribeAdministrator", "{'AdministratorName':'ops'}");
    assertThat(described.path("GroupNames").toString()).isEqualTo("[\"readers\"]");
    assertThat(
            api.call("DescribeAdministratorGroup", "{'GroupName':'readers'}")
                .path("AdministratorNames")
                .toString())
        .isEqualTo("[\"ops\"]");
    api.call("RemoveAdministratorFromGroup", "{'GroupName':'readers','AdministratorName':'ops'}");
    api.call("DeleteAdministrator", "{'AdministratorName':'ops'}");
    api.call("DeleteAdministratorGroup", "{'GroupName':'readers'}");
    api.refused("DescribeAdministrator", "{'AdministratorName':'ops'}", "EntityNotFoundException");
    assertThat(api.audit(api.account().value()).toString())
        .doesNotContain(text(key, "SecretAccessKey"));
  }

  @Test
  void policiesByOperation() throws Exception {
    api.call("CreateAccessPolicy", "{'PolicyName':'p','PolicyDocument':'" + IAM + "'}");
    api.refused(
        "CreateAccessPolicy",
        "{'PolicyName':'p','PolicyDocument':'" + IAM + "'}",
        "NameAvailabilityException");
    assertThat(
            api.refused(
                    "UpdateAccessPolicy",
                    "{'PolicyName':'p','PolicyDocument':'[]'}",
                    "InvalidParameterException")
                .text())
        .isEqualTo("The policy is not valid: the policy is not a JSON object.");
    api.refused(
        "UpdateAccessPolicy",
        "{'PolicyName':'AmazonWorkMailFullAccess','PolicyDocument':'" + IAM + "'}",
        "UnsupportedOperationException");
    assertThat(text(api.call("GetAccessPolicy", "{'PolicyName':'p'}"), "PolicyDocument"))
        .contains("iam:*");
    assertThat(
            text(
                api.call("GetAccessPolicy", "{'PolicyName':'AmazonWorkMailReadOnlyAccess'}"),
                "PolicyDocument"))
        .contains("workmail:Search*");
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ObjectNode page =
          api.call(
              "ListAccessPolicies",
              "{'MaxResults':2" + (token.isEmpty() ? "" : ",'NextToken':'" + token + "'") + "}");
      page.path("Policies").forEach(policy -> names.add(text(policy, "PolicyName")));
      token = page.path("NextToken").asString("");
    } while (!token.isEmpty());
    assertThat(names).hasSize(5).contains("p").isSorted();
    api.call("DeleteAccessPolicy", "{'PolicyName':'p'}");
    api.refused("GetAccessPolicy", "{'PolicyName':'p'}", "EntityNotFoundException");
  }

  @Test
  @DisplayName("All of WorkMail does not include giving oneself more")
  void noEscalation() throws Exception {
    var full = api.administrator("full", ManagedPolicies.FULL_ACCESS);
    try (WorkMailClient by = api.client(full)) {
      for (String call :
          List.of(
              "CreateAccessKey {}",
              "CreateAdministrator {'AdministratorName':'x'}",
              "AttachAccessPolicy {'AdministratorName':'full','PolicyName':'x'}",
              "ListAccessKeys {}",
              "LookupEvents {}")) {
        int space = call.indexOf(' ');
        assertThat(
                api.refused(
                        by,
                        call.substring(0, space),
                        call.substring(space + 1),
                        "AccessDeniedException")
                    .text())
            .containsAnyOf("iam:", "cloudtrail:");
      }
    }
    api.call("CreateAccessPolicy", "{'PolicyName':'iam','PolicyDocument':'" + IAM + "'}");
    var keeper = api.administrator("keeper", "iam");
    try (WorkMailClient by = api.client(keeper)) {
      ObjectNode own = api.call(by, "CreateAccessKey", "{}");
      assertThat(text(own, "AdministratorName")).isEqualTo("keeper");
      String root = api.credentials().accessKeyId();
      for (String operation : List.of("DeleteAccessKey", "RotateAccessKey")) {
        api.refused(by, operation, "{'AccessKeyId':'" + root + "'}", "EntityNotFoundException");
      }
    }
  }

  @Test
  void lookUpEventsInCloudTrailsShape() throws Exception {
    String o = api.organization("tour");
    for (int i = 0; i < 5; i++) api.group(o, "group" + i);
    api.call("ListUsers", "{'OrganizationId':'" + o + "'}");
    api.settle();
    List<String> groups = new ArrayList<>();
    String token = "";
    do {
      ObjectNode page =
          api.call(
              "LookupEvents",
              "{'OrganizationId':'"
                  + o
                  + "','MaxResults':2,'LookupAttributes':[{'AttributeKey':'EventName',"
                  + "'AttributeValue':'CreateGroup'}]"
                  + (token.isEmpty() ? "" : ",'NextToken':'" + token + "'")
                  + "}");
      for (JsonNode event : page.path("Events")) {
        assertThat(text(event, "EventName")).isEqualTo("CreateGroup");
        assertThat(text(event, "ReadOnly")).isEqualTo("false");
        assertThat(text(event, "Username")).isEqualTo("root");
        JsonNode record = ApiFixture.JSON.readTree(text(event, "CloudTrailEvent"));
        groups.add(text(record.path("requestParameters"), "name"));
      }
      token = page.path("NextToken").asString("");
    } while (!token.isEmpty());
    assertThat(groups).containsExactlyInAnyOrder("group0", "group1", "group2", "group3", "group4");
    JsonNode account = api.call("LookupEvents", "{}");
    assertThat(account.toString()).doesNotContain("CreateGroup");
    api.refused("LookupEvents", "{'StartTime':2000,'EndTime':1000}", "InvalidParameterException");
  }
}
