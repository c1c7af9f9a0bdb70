package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The WorkMail API as JavaScript programs use it: `@aws-sdk/client-workmail` from npm, fetched in
/// the pinned version into a temporary folder, with nothing changed but the endpoint.
@Tag("acceptance")
final class SdkJavaScriptTest {
  private static final String PACKAGE = "@aws-sdk/client-workmail@3.1048.0";

  @TempDir Path folder;

  @Test
  @DisplayName(
      "API-1 ORG-2 ORG-5: the AWS SDK for JavaScript runs an organization and reads every answer")
  void theSdkRunsAnOrganization() throws Exception {
    assumeTrue(Tool.isInstalled("node"), "node is not installed");
    assumeTrue(Tool.isInstalled("npm"), "npm is not installed");
    assumeTrue(nodeVersion() >= 18, "node is older than 18");
    Path packages = Files.createDirectory(folder.resolve("js"));
    Tool fetched =
        Tool.run(
            Map.of(),
            "",
            List.of(
                "npm",
                "install",
                "--prefix",
                packages.toString(),
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--no-save",
                PACKAGE));
    assumeTrue(fetched.exitCode() == 0, "npm cannot fetch " + PACKAGE + ": " + fetched.output());
    Path script = packages.resolve("life.mjs");
    try (var in = SdkJavaScriptTest.class.getResourceAsStream("/workmail-life.mjs")) {
      Files.copy(in, script);
    }
    try (ServiceProcess service =
        ServiceProcess.start(folder.resolve("data"), ServiceProcess.freePorts())) {
      Map<String, String> environment = new LinkedHashMap<>();
      environment.put("AWS_ACCESS_KEY_ID", service.text("accessKeyId"));
      environment.put("AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"));
      environment.put("AWS_REGION", service.text("region"));
      environment.put(
          "AWS_ENDPOINT_URL_WORKMAIL",
          "https://" + service.ready().path("endpoints").path("api").asString(""));
      environment.put("NODE_EXTRA_CA_CERTS", service.text("caCertificate"));
      environment.put("AWS_CONFIG_FILE", "/dev/null");
      environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
      Tool run = Tool.run(environment, "", List.of("node", script.toString())).succeeds();
      assertThat(run.output()).contains("every operation answered", "removed");
    }
  }

  private static int nodeVersion() throws Exception {
    String version = Tool.run("node", "--version").output().strip();
    return Integer.parseInt(version.replaceAll("^v(\\d+).*", "$1"));
  }
}
