package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher and the start of the service: what a new user, a script and a container see.
@Tag("acceptance")
final class LauncherTest {
  @TempDir Path folder;

  private final String mailstead = ServiceProcess.HOME.resolve("mailstead").toString();

  @Test
  @DisplayName(
      "OPS-1: an empty data folder becomes a service; its ready file tells everything once")
  void anEmptyDataFolderBecomesAService() throws Exception {
    Path data = folder.resolve("a folder with spaces");
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      for (String member :
          new String[] {
            "organizationId",
            "alias",
            "testDomain",
            "caCertificate",
            "region",
            "accessKeyId",
            "secretAccessKey",
            "adminAddress",
            "adminPassword"
          }) {
        assertThat(service.text(member)).as(member).isNotEmpty();
      }
      for (String endpoint :
          new String[] {"smtp", "submission", "submissions", "lmtp", "imap", "imaps", "api"}) {
        assertThat(service.port(endpoint)).as(endpoint).isPositive();
      }
      Path ready = folder.resolve("a folder with spaces.ready");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ready)))
          .isEqualTo("rw-------");
      assertThat(service.stop()).as("ends by itself after SIGTERM").isPresent();
      assertThat(service.exitCode()).isZero();
    }
    try (ServiceProcess again = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(again.ready().has("secretAccessKey")).isFalse();
      assertThat(again.ready().has("adminPassword")).isFalse();
      assertThat(again.text("organizationId")).isNotEmpty();
    }
  }

  @Test
  void aSecondServiceOnTheSameFolderIsRefusedInOneLine() throws Exception {
    Path data = folder.resolve("data");
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(service.isAlive()).isTrue();
      Tool second =
          Tool.run(ServiceProcess.freePorts(), mailstead, "serve", "--data", data.toString());
      refusedInOneLine(second, data.toString(), "in use");
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> settings = new LinkedHashMap<>(ServiceProcess.freePorts());
      settings.put("MAILSTEAD_LISTEN_IMAP", "127.0.0.1:" + taken.getLocalPort());
      Tool tool =
          Tool.run(settings, mailstead, "serve", "--data", folder.resolve("data").toString());
      refusedInOneLine(tool, "listen.imap", String.valueOf(taken.getLocalPort()), "in use");
    }
  }

  @Test
  void anUnknownSettingIsNamed() throws Exception {
    Map<String, String> settings = new LinkedHashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LISTEN_GOPHER", "127.0.0.1:70");
    refusedInOneLine(
        Tool.run(settings, mailstead, "serve", "--data", folder.resolve("data").toString()),
        "MAILSTEAD_LISTEN_GOPHER");
    Path file = Files.writeString(folder.resolve("mailstead.toml"), "[listen]\nimpa = \"x:1\"\n");
    refusedInOneLine(
        Tool.run(
            ServiceProcess.freePorts(),
            mailstead,
            "serve",
            "--settings",
            file.toString(),
            "--data",
            folder.resolve("data").toString()),
        "listen.impa",
        "mailstead.toml");
  }

  @Test
  void aFolderOfANewerVersionIsRefused() throws Exception {
    Path data = folder.resolve("data");
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(service.isAlive()).isTrue();
    }
    Path format;
    try (var files = Files.walk(data)) {
      format =
          files.filter(p -> p.getFileName().toString().equals("FORMAT")).findFirst().orElseThrow();
    }
    Files.writeString(format, Files.readString(format).replaceAll("\\d+", "9999"));
    refusedInOneLine(
        Tool.run(ServiceProcess.freePorts(), mailstead, "serve", "--data", data.toString()),
        "newer");
  }

  @Test
  void aLostKeyFileIsRefusedAndNothingIsMade() throws Exception {
    Path data = folder.resolve("data");
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(service.isAlive()).isTrue();
    }
    Path key = data.resolve("keys/master.key");
    Path away = folder.resolve("away");
    Files.move(key, away);
    refusedInOneLine(
        Tool.run(ServiceProcess.freePorts(), mailstead, "serve", "--data", data.toString()),
        "master.key");
    Files.move(away, key);
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(service.isAlive()).isTrue();
    }
  }

  @Test
  void setupMakesAnOrganizationAndKeysAlsoWhileTheServiceRuns() throws Exception {
    Path data = folder.resolve("data");
    Tool first =
        Tool.run(
            ServiceProcess.freePorts(),
            mailstead,
            "setup",
            "--data",
            data.toString(),
            "--alias",
            "acme");
    assertThat(first.succeeds().output()).contains("admin@acme.mailstead.test", "AKIA");
    refusedInOneLine(
        Tool.run(ServiceProcess.freePorts(), mailstead, "setup", "--data", data.toString()),
        "set up already");
    try (ServiceProcess service = ServiceProcess.start(data, ServiceProcess.freePorts())) {
      assertThat(service.text("alias")).isEqualTo("acme");
      assertThat(service.ready().has("secretAccessKey")).isFalse();
      String made =
          Tool.run(
                  ServiceProcess.freePorts(),
                  mailstead,
                  "setup",
                  "--data",
                  data.toString(),
                  "--new-key")
              .succeeds()
              .output();
      String id = made.replaceAll("(?s).*accessKeyId: (\\S+).*", "$1");
      String secret = made.replaceAll("(?s).*secretAccessKey: (\\S+).*", "$1");
      assertThat(new Aws(service, id, secret).workmail("list-organizations").toString())
          .contains("acme");
    }
  }

  @Test
  void settingsPrintsEveryKeyAndTheResultIsAccepted() throws Exception {
    Tool printed = Tool.run(mailstead, "settings").succeeds();
    assertThat(printed.output())
        .contains("[listen]", "imaps = \"127.0.0.1:2993\"", "message-bytes");
    Path file = Files.writeString(folder.resolve("mailstead.toml"), printed.output());
    assertThat(Tool.run(mailstead, "settings", "--settings", file.toString()).succeeds().output())
        .isEqualTo(printed.output());
  }

  private static void refusedInOneLine(Tool tool, String... words) {
    assertThat(tool.exitCode()).as(tool.output()).isNotZero();
    assertThat(tool.output().strip().lines()).as(tool.output()).hasSize(1);
    assertThat(tool.output()).startsWith("mailstead: ").contains(words);
  }
}
