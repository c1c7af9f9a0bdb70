package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `mailstead migrate inventory` and `apply-directory` between two services.
@Tag("acceptance")
final class DirectoryMoveTest {
  @TempDir Path folder;

  @Test
  @DisplayName("users, aliases, groups and permissions move to another service")
  void theDirectoryMoves() throws Exception {
    Map<String, String> settings = ServiceProcess.freePorts();
    Path before = folder.resolve("before.json");
    Path after = folder.resolve("after.json");
    try (ServiceProcess old = ServiceProcess.start(folder.resolve("old"), settings)) {
      List<String> users = Users.create(old, 2);
      String group = id(Users.workmail(old, "create-group", "--name", "team"), "GroupId");
      String domain = old.text("testDomain");
      Users.workmail(
          old, "register-to-work-mail", "--entity-id", group, "--email", "team@" + domain);
      String user = id(Users.workmail(old, "describe-user", "--user-id", users.get(0)), "UserId");
      String other = id(Users.workmail(old, "describe-user", "--user-id", users.get(1)), "UserId");
      Users.workmail(old, "create-alias", "--entity-id", user, "--alias", "first@" + domain);
      Users.workmail(old, "associate-member-to-group", "--group-id", group, "--member-id", user);
      Users.workmail(
          old,
          "put-mailbox-permissions",
          "--entity-id",
          user,
          "--grantee-id",
          other,
          "--permission-values",
          "SEND_AS");
      assertThat(migrate(old, "inventory", before.toString()).output()).contains("1 groups");
    }
    try (ServiceProcess fresh = ServiceProcess.start(folder.resolve("new"), settings)) {
      Path passwords = folder.resolve("passwords.csv");
      Tool made =
          migrate(fresh, "apply-directory", before.toString(), "--passwords", passwords.toString());
      assertThat(made.output()).doesNotContain("PROBLEM");
      assertThat(Files.readString(passwords)).contains("u0,").contains("u1,");
      // Again: everything is there.
      Tool again =
          migrate(fresh, "apply-directory", before.toString(), "--passwords", passwords.toString());
      assertThat(again.output()).doesNotContain("first passwords");
      migrate(fresh, "inventory", after.toString());
    }
    JsonNode wanted = JsonMapper.builder().build().readTree(Files.readString(before));
    JsonNode got = JsonMapper.builder().build().readTree(Files.readString(after));
    assertThat(got.path("groups")).isEqualTo(wanted.path("groups"));
    for (JsonNode user : wanted.path("users")) {
      JsonNode same = find(got.path("users"), user.path("name").asString(""));
      assertThat(same.path("aliases")).isEqualTo(user.path("aliases"));
      assertThat(same.path("permissions")).isEqualTo(user.path("permissions"));
      assertThat(same.path("email")).isEqualTo(user.path("email"));
    }
  }

  private static JsonNode find(JsonNode users, String name) {
    for (JsonNode user : users) {
      if (user.path("name").asString("").equals(name)) return user;
    }
    throw new AssertionError("no user " + name);
  }

  private static String id(String answer, String member) {
    return answer.replaceAll("(?s).*\"" + member + "\"\\s*:\\s*\"([^\"]+)\".*", "$1");
  }

  private static Tool migrate(ServiceProcess service, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString(), "migrate"));
    command.addAll(List.of(words));
    command.addAll(
        List.of(
            "--endpoint-url",
            "https://" + service.ready().path("endpoints").path("api").asString(""),
            "--ca-bundle",
            service.text("caCertificate"),
            "--organization-id",
            service.text("organizationId")));
    return Tool.run(
        Map.of(
            "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
            "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
            "AWS_DEFAULT_REGION", service.text("region")),
        "",
        command);
  }
}
