package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The AWS CLI, pointed at a service by its endpoint setting only.
final class Aws {
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final String endpoint;

  Aws(ServiceProcess service) {
    this(service, service.text("accessKeyId"), service.text("secretAccessKey"));
  }

  Aws(ServiceProcess service, String accessKeyId, String secretAccessKey) {
    endpoint = "https://" + service.ready().path("endpoints").path("api").asString("");
    environment.put("AWS_ACCESS_KEY_ID", accessKeyId);
    environment.put("AWS_SECRET_ACCESS_KEY", secretAccessKey);
    environment.put("AWS_DEFAULT_REGION", service.text("region"));
    environment.put("AWS_CA_BUNDLE", service.text("caCertificate"));
    environment.put("AWS_PAGER", "");
    environment.put("AWS_MAX_ATTEMPTS", "1");
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    environment.put("AWS_CONFIG_FILE", "/dev/null");
    environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  }

  /// Runs `aws workmail …`, which must succeed, and returns its JSON output; an object without
  /// members when it printed nothing.
  JsonNode workmail(String... words) throws IOException, InterruptedException {
    Tool tool = call(words).succeeds();
    return JsonMapper.builder().build().readTree(tool.output().isBlank() ? "{}" : tool.output());
  }

  /// Runs `aws workmail …`, which must fail with this error.
  void refuses(String error, String... words) throws IOException, InterruptedException {
    Tool tool = call(words);
    assertThat(tool.exitCode()).as(tool.output()).isEqualTo(254);
    assertThat(tool.output()).contains("(" + error + ")");
  }

  /// Runs a script of ours with the library that the CLI is made of, as `python3 script endpoint
  /// …`.
  Tool script(String name, String... words) throws IOException, InterruptedException {
    Path script = Files.createTempFile("mailstead", ".py");
    try (var in = Aws.class.getResourceAsStream("/" + name)) {
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
      List<String> command =
          new ArrayList<>(List.of("/usr/bin/python3", script.toString(), endpoint));
      command.addAll(List.of(words));
      return Tool.run(environment, "", command);
    } finally {
      Files.delete(script);
    }
  }

  private Tool call(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/aws", "--output", "json", "--endpoint-url", endpoint));
    command.add("workmail");
    command.addAll(List.of(words));
    return Tool.run(environment, "", command);
  }
}
