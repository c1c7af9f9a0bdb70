package org.mailstead.workmail.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.workmail.server.ApiFixture;
import org.mailstead.workmail.server.RequestRates;
import org.mailstead.workmail.wire.ApiException;
import tools.jackson.databind.JsonNode;

/// The AWS CLI as installed, with nothing but an endpoint: its signatures, its model, its
/// paginators and its reading of our errors.
@DisplayName("API-1: the AWS CLI")
final class AwsCliTest {
  private static final Path AWS = Path.of("/usr/bin/aws");

  @TempDir Path folder;

  private record Outcome(int code, String output) {}

  @Test
  void createsListsPagesAndUnderstandsErrors() throws Exception {
    assumeTrue(Files.isExecutable(AWS), "the AWS CLI is not installed at " + AWS);
    try (ApiFixture api = ApiFixture.inRealTime()) {
      String o =
          json(aws(api, "create-organization", "--alias", "tour"))
              .path("OrganizationId")
              .asString();
      json(
          aws(
              api,
              "create-user",
              "--organization-id",
              o,
              "--name",
              "user0",
              "--display-name",
              "Üser",
              "--password",
              "Correct-horse-9"));
      api.call(
          "CreateUser",
          "{'OrganizationId':'"
              + o
              + "','Name':'user1','DisplayName':'1','Password':'Correct-horse-9'}");
      JsonNode users =
          json(aws(api, "list-users", "--organization-id", o, "--page-size", "1")).path("Users");
      List<String> names = new ArrayList<>();
      users.forEach(u -> names.add(u.path("Name").asString()));
      assertThat(names).contains("user0", "user1");
      JsonNode described = json(aws(api, "describe-organization", "--organization-id", o));
      assertThat(described.path("State").asString()).isEqualTo("Active");
      assertThat(described.path("CompletedDate").toString()).isNotEmpty();
      Outcome refused =
          aws(api, "describe-user", "--organization-id", o, "--user-id", "nobody-of-this-name");
      assertThat(refused.code()).isEqualTo(254);
      assertThat(refused.output()).contains("(EntityNotFoundException)", "DescribeUser");
    }
  }

  @Test
  void repeatsWhatWasThrottled() throws Exception {
    assumeTrue(Files.isExecutable(AWS), "the AWS CLI is not installed at " + AWS);
    try (ApiFixture api = ApiFixture.inRealTime(new RequestRates(1, 100, 100))) {
      for (int i = 0; i < 50; i++) {
        try {
          api.call("ListOrganizations", "{}");
        } catch (ApiException e) {
          break; // The key's tokens are spent: the next one comes within a second.
        }
      }
      assertThat(aws(api, 5, "list-organizations").code()).isZero();
    }
  }

  private Outcome aws(ApiFixture api, String... words) throws Exception {
    return aws(api, 1, words);
  }

  private Outcome aws(ApiFixture api, int attempts, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                AWS.toString(),
                "--output",
                "json",
                "--endpoint-url",
                api.endpoint().uri().toString(),
                "workmail"));
    command.addAll(List.of(words));
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("AWS_ACCESS_KEY_ID", api.credentials().accessKeyId());
    builder.environment().put("AWS_SECRET_ACCESS_KEY", api.credentials().secretAccessKey());
    builder.environment().put("AWS_DEFAULT_REGION", "us-east-1");
    builder.environment().put("AWS_MAX_ATTEMPTS", Integer.toString(attempts));
    builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
    builder.environment().put("AWS_CONFIG_FILE", "/dev/null");
    builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    builder.environment().put("AWS_PAGER", "");
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the AWS CLI did not end");
    }
    return new Outcome(process.exitValue(), Files.readString(output, UTF_8));
  }

  private static JsonNode json(Outcome outcome) {
    assertThat(outcome.code()).as(outcome.output()).isZero();
    return ApiFixture.JSON.readTree(outcome.output());
  }
}
