package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The WorkMail API as customers' scripts use it: the AWS CLI from Debian with nothing changed but
/// the endpoint.
@Tag("acceptance")
final class AwsCliTest {
  private static final String PASSWORD = "Correct-horse-9";

  @TempDir Path folder;

  @Test
  @DisplayName("API-1 ORG-2 USR-1 USR-3 GRP-1 PRM-1 LIM-2: the AWS CLI runs an organization")
  void theAwsCliRunsAnOrganization() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.start(folder.resolve("data"), ServiceProcess.freePorts())) {
      Aws aws = new Aws(service);
      organizations(aws, service);
      String organization =
          text(aws.workmail("create-organization", "--alias", "tour"), "OrganizationId");
      domains(aws, organization);
      users(aws, organization);
      groups(aws, organization);
      removal(aws, organization);
    }
  }

  @Test
  @DisplayName("API-1: every operation that the AWS CLI's library knows is answered as it declares")
  void everyOperationOfTheAwsCli() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.start(folder.resolve("data"), ServiceProcess.freePorts())) {
      Aws aws = new Aws(service);
      String organization =
          text(aws.workmail("create-organization", "--alias", "every"), "OrganizationId");
      assertThat(aws.script("workmail-operations.py", organization).succeeds().output())
          .contains("operations: ");
    }
  }

  private static void organizations(Aws aws, ServiceProcess service) throws Exception {
    JsonNode first =
        aws.workmail("describe-organization", "--organization-id", service.text("organizationId"));
    assertThat(text(first, "Alias")).isEqualTo(service.text("alias"));
    assertThat(text(first, "State")).isEqualTo("Active");
    assertThat(text(first, "DefaultMailDomain")).isEqualTo(service.text("testDomain"));
    assertThat(text(first, "ARN")).startsWith("arn:aws:workmail:" + service.text("region"));
    aws.refuses(
        "NameAvailabilityException", "create-organization", "--alias", service.text("alias"));
    aws.refuses(
        "OrganizationNotFoundException",
        "describe-organization",
        "--organization-id",
        "m-00000000000000000000000000000000");
    Aws stranger =
        new Aws(service, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    stranger.refuses("UnrecognizedClientException", "list-organizations");
    Aws wrong = new Aws(service, service.text("accessKeyId"), "x".repeat(40));
    wrong.refuses("InvalidSignatureException", "list-organizations");
  }

  private static void domains(Aws aws, String o) throws Exception {
    aws.workmail("register-mail-domain", "--organization-id", o, "--domain-name", "tour.example");
    aws.workmail(
        "update-default-mail-domain", "--organization-id", o, "--domain-name", "tour.example");
    JsonNode domains =
        aws.workmail("list-mail-domains", "--organization-id", o).path("MailDomains");
    assertThat(domains.size()).isEqualTo(2);
    assertThat(
            text(
                aws.workmail("describe-organization", "--organization-id", o), "DefaultMailDomain"))
        .isEqualTo("tour.example");
    aws.refuses(
        "MailDomainNotFoundException",
        "update-default-mail-domain",
        "--organization-id",
        o,
        "--domain-name",
        "other.example");
  }

  private static void users(Aws aws, String o) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String id =
          text(
              aws.workmail(
                  "create-user",
                  "--organization-id",
                  o,
                  "--name",
                  "user" + i,
                  "--display-name",
                  "User " + i,
                  "--password",
                  PASSWORD),
              "UserId");
      aws.workmail(
          "register-to-work-mail",
          "--organization-id",
          o,
          "--entity-id",
          id,
          "--email",
          "user" + i + "@tour.example");
      ids.add(id);
    }
    aws.refuses(
        "NameAvailabilityException",
        "create-user",
        "--organization-id",
        o,
        "--name",
        "user1",
        "--display-name",
        "x",
        "--password",
        PASSWORD);
    aws.refuses(
        "InvalidPasswordException",
        "create-user",
        "--organization-id",
        o,
        "--name",
        "weak",
        "--display-name",
        "x",
        "--password",
        "short");
    aws.refuses(
        "EmailAddressInUseException",
        "create-alias",
        "--organization-id",
        o,
        "--entity-id",
        ids.get(0),
        "--alias",
        "user1@tour.example");
    aws.workmail(
        "create-alias",
        "--organization-id",
        o,
        "--entity-id",
        ids.get(0),
        "--alias",
        "first@tour.example");
    aws.workmail(
        "update-primary-email-address",
        "--organization-id",
        o,
        "--entity-id",
        ids.get(0),
        "--email",
        "first@tour.example");
    JsonNode aliases =
        aws.workmail("list-aliases", "--organization-id", o, "--entity-id", ids.get(0));
    assertThat(aliases.path("Aliases").toString()).contains("user0@tour.example");
    JsonNode user = aws.workmail("describe-user", "--organization-id", o, "--user-id", ids.get(0));
    assertThat(text(user, "Email")).isEqualTo("first@tour.example");
    assertThat(text(user, "State")).isEqualTo("ENABLED");
    assertThat(user.path("EnabledDate").asString("")).isNotEmpty();
    JsonNode users = aws.workmail("list-users", "--organization-id", o, "--page-size", "3");
    assertThat(users.path("Users").toString()).contains("user0", "user5", "user9");
    aws.workmail(
        "update-mailbox-quota",
        "--organization-id",
        o,
        "--user-id",
        ids.get(1),
        "--mailbox-quota",
        "100");
    JsonNode mailbox =
        aws.workmail("get-mailbox-details", "--organization-id", o, "--user-id", ids.get(1));
    assertThat(mailbox.path("MailboxQuota").asInt(0)).isEqualTo(100);
    aws.workmail(
        "put-mailbox-permissions",
        "--organization-id",
        o,
        "--entity-id",
        ids.get(2),
        "--grantee-id",
        ids.get(3),
        "--permission-values",
        "FULL_ACCESS",
        "SEND_AS");
    JsonNode permissions =
        aws.workmail("list-mailbox-permissions", "--organization-id", o, "--entity-id", ids.get(2));
    assertThat(permissions.toString()).contains(ids.get(3), "FULL_ACCESS", "SEND_AS");
    aws.workmail(
        "delete-mailbox-permissions",
        "--organization-id",
        o,
        "--entity-id",
        ids.get(2),
        "--grantee-id",
        ids.get(3));
    aws.workmail(
        "reset-password",
        "--organization-id",
        o,
        "--user-id",
        ids.get(4),
        "--password",
        "Another-horse-8");
    aws.refuses(
        "EntityStateException", "delete-user", "--organization-id", o, "--user-id", ids.get(9));
    aws.workmail("deregister-from-work-mail", "--organization-id", o, "--entity-id", ids.get(9));
    aws.workmail("delete-user", "--organization-id", o, "--user-id", ids.get(9));
  }

  private static void groups(Aws aws, String o) throws Exception {
    List<String> ids = new ArrayList<>();
    for (String name : List.of("staff", "sales", "board")) {
      String id =
          text(aws.workmail("create-group", "--organization-id", o, "--name", name), "GroupId");
      aws.workmail(
          "register-to-work-mail",
          "--organization-id",
          o,
          "--entity-id",
          id,
          "--email",
          name + "@tour.example");
      ids.add(id);
    }
    JsonNode users = aws.workmail("list-users", "--organization-id", o).path("Users");
    for (JsonNode user : users) {
      if (!text(user, "Name").startsWith("user") || text(user, "State").equals("DELETED")) continue;
      aws.workmail(
          "associate-member-to-group",
          "--organization-id",
          o,
          "--group-id",
          ids.get(1),
          "--member-id",
          text(user, "Id"));
    }
    aws.workmail(
        "associate-member-to-group",
        "--organization-id",
        o,
        "--group-id",
        ids.get(0),
        "--member-id",
        ids.get(1));
    JsonNode members =
        aws.workmail("list-group-members", "--organization-id", o, "--group-id", ids.get(0));
    assertThat(members.path("Members").toString()).contains("GROUP", "sales");
    assertThat(aws.workmail("list-groups", "--organization-id", o).path("Groups").toString())
        .contains("staff", "sales", "board");
    aws.workmail(
        "disassociate-member-from-group",
        "--organization-id",
        o,
        "--group-id",
        ids.get(0),
        "--member-id",
        ids.get(1));
    aws.refuses(
        "EntityNotFoundException",
        "describe-group",
        "--organization-id",
        o,
        "--group-id",
        "00000000-0000-0000-0000-000000000000");
  }

  private static void removal(Aws aws, String o) throws Exception {
    aws.refuses(
        "OrganizationStateException",
        "delete-organization",
        "--organization-id",
        o,
        "--delete-directory");
    for (JsonNode user : aws.workmail("list-users", "--organization-id", o).path("Users")) {
      if (!text(user, "State").equals("ENABLED")) continue;
      aws.workmail(
          "deregister-from-work-mail", "--organization-id", o, "--entity-id", text(user, "Id"));
    }
    for (JsonNode group : aws.workmail("list-groups", "--organization-id", o).path("Groups")) {
      aws.workmail(
          "deregister-from-work-mail", "--organization-id", o, "--entity-id", text(group, "Id"));
    }
    aws.workmail("delete-organization", "--organization-id", o, "--delete-directory");
    assertThat(text(aws.workmail("describe-organization", "--organization-id", o), "State"))
        .isIn("Deleting", "Deleted");
  }

  private static String text(JsonNode node, String member) {
    return node.path(member).asString("");
  }
}
