package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// MIG-9: what `mailstead migrate run` shows on a terminal, in a log, to monitoring and to cron,
/// and how it ends when it is asked to. The real command, from a Maildir into a tree of files.
@Tag("acceptance")
final class MigrateWatchingTest {
  private static final int STOPPED = 4;
  private static final int WRONG_SETTINGS = 78;

  /// Enough to be seen at work.
  private static final int MANY = 8_000;

  @TempDir Path folder;

  @Test
  @DisplayName("MIG-9: on a terminal bars are drawn again and again, no wider than it")
  void terminal() throws Exception {
    boolean has = Tool.isInstalled("script");
    if (!has) System.out.println("not run: script (Debian package bsdutils) is missing");
    Assumptions.assumeTrue(has, "script is missing");
    fill(400);
    String command = String.join(" ", command("run", settings("")));
    Tool tool = Tool.run("script", "-qec", "stty cols 60 rows 20 && " + command, "/dev/null");
    assertThat(tool.exitCode()).as(tool.output()).isZero();
    assertThat(tool.output()).contains("\u001b[2K", "1 of 1 mailboxes, 400 of 400 messages");
    // Up again by as many rows as were drawn before.
    assertThat(tool.output()).containsPattern("\u001b\\[[12]A");
    assertThat(tool.output().replaceAll("\u001b\\[[0-9]*[A-Z]", "").lines())
        .allMatch(line -> line.startsWith("WHOLE") || line.strip().length() < 60);
    assertThat(last(tool)).startsWith("WHOLE: 1 of 1 mailboxes, 400 messages written");
  }

  @Test
  @DisplayName("MIG-9: in a log plain lines, the last one says whole or not whole")
  void log() throws Exception {
    fill(20);
    Tool tool = Tool.run(Map.of(), "", command("run", settings("")));
    assertThat(tool.exitCode()).isZero();
    assertThat(tool.output()).doesNotContain("\u001b").contains("20 of 20 messages");
    assertThat(last(tool)).isEqualTo("WHOLE: 1 of 1 mailboxes, 20 messages written");
  }

  @Test
  @DisplayName("MIG-9: what is not whole says so in the last line and the exit code, also to cron")
  void notWhole() throws Exception {
    fill(20);
    Path file = settings("[options]\nlargest-bytes = 10\n");
    for (String[] words : List.of(new String[] {}, new String[] {"--quiet"})) {
      Tool tool = Tool.run(Map.of(), "", command("run", file, words));
      assertThat(tool.exitCode()).isEqualTo(3);
      assertThat(tool.output()).contains("20 items are in quarantine");
      assertThat(last(tool)).startsWith("NOT WHOLE: 0 of 1 mailboxes");
    }
  }

  @Test
  @DisplayName("MIG-9: cron hears nothing of a run that is whole")
  void quiet() throws Exception {
    fill(20);
    Path file = settings("");
    Tool tool = Tool.run(Map.of(), "", command("run", file, "--quiet"));
    assertThat(tool.exitCode()).isZero();
    assertThat(tool.output()).isEmpty();
    assertThat(Tool.run(Map.of(), "", command("verify", file, "--quiet")).output()).isEmpty();
  }

  @Test
  @DisplayName("MIG-9: monitoring reads JSON from a file and by HTTP while it runs; Ctrl-C ends it")
  void monitoringAndCtrlC() throws Exception {
    fill(MANY);
    Path file = settings("");
    Path status = folder.resolve("status.json");
    int port = freePort();
    List<String> command =
        command(
            "run",
            file,
            "--status-file",
            status.toString(),
            "--status-listen",
            String.valueOf(port));
    // Whoever runs the tests in the background ignores SIGINT, and so would what they start.
    List<String> heeding = new ArrayList<>(List.of("env", "--default-signal=INT"));
    heeding.addAll(command);
    Process process = ServiceProcess.builder(heeding, Map.of()).start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !process.isAlive() || done(status) > 0);
      URI uri = URI.create("http://127.0.0.1:" + port + "/");
      // Many who connect and say nothing hold up nobody.
      List<Socket> silent = new ArrayList<>();
      for (int i = 0; i < 30; i++) silent.add(new Socket("127.0.0.1", port));
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      JsonNode state = JsonMapper.builder().build().readTree(answer.body());
      assertThat(state.path("mailboxes").asInt()).isEqualTo(1);
      assertThat(state.path("messages").asInt()).isEqualTo(MANY);
      assertThat(state.path("each").path(0).path("phase").asString("")).isEqualTo("copy");
      HttpResponse<String> refused =
          http.send(
              HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("x")).build(),
              BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(405);
      // On that one address only: not for other machines unless that is said.
      assertThatThrownBy(() -> new Socket("127.0.0.2", port).close())
          .isInstanceOf(ConnectException.class);
      for (Socket each : silent) each.close();

      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isEqualTo(STOPPED);
      assertThat(output.strip().lines().reduce((_, line) -> line).orElseThrow())
          .isEqualTo("STOPPED; nothing is lost. Go on with: mailstead migrate run " + file);
    } finally {
      process.destroyForcibly();
    }
    long before = done(status);
    assertThat(before).isBetween(1L, MANY - 1L);
    Tool rest = Tool.run(Map.of(), "", command("run", file));
    assertThat(rest.exitCode()).as(rest.output()).isZero();
    assertThat(count(folder.resolve("archive"))).isEqualTo(MANY);
  }

  @Test
  @DisplayName("MIG-9: an address that cannot be listened on is named")
  void badAddresses() throws Exception {
    fill(1);
    Path file = settings("");
    Tool wrong = Tool.run(Map.of(), "", command("run", file, "--status-listen", "here"));
    assertThat(wrong.exitCode()).isEqualTo(WRONG_SETTINGS);
    assertThat(wrong.output()).contains("--status-listen takes host:port, not here");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      Tool refused = Tool.run(Map.of(), "", command("run", file, "--status-listen", port));
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.output()).contains("cannot listen on 127.0.0.1:" + port);
    }
  }

  private static long done(Path status) throws IOException {
    if (!Files.exists(status)) return 0;
    return JsonMapper.builder()
        .build()
        .readTree(Files.readString(status))
        .path("messagesDone")
        .asLong();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static String last(Tool tool) {
    return tool.output()
        .replaceAll("\u001b\\[[0-9]*[A-Z]", "")
        .strip()
        .lines()
        .reduce((_, line) -> line)
        .orElseThrow();
  }

  private static long count(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".eml")).count();
    }
  }

  private static List<String> command(String word, Path settings, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ServiceProcess.HOME.resolve("mailstead").toString(),
                "migrate",
                word,
                settings.toString()));
    command.addAll(List.of(more));
    return command;
  }

  private void fill(int count) throws IOException {
    Path box = Files.createDirectories(folder.resolve("box/cur"));
    for (int i = 0; i < count; i++) {
      Files.writeString(
          box.resolve("1700000000.m" + i + ".h:2,S"),
          "From: a@example.org\r\nSubject: Number " + i + "\r\n\r\nHello\r\n");
    }
  }

  private Path settings(String more) throws IOException {
    return Files.writeString(
        folder.resolve("migration.toml"),
        """
        work = "work"
        [source]
        kind = "maildir"
        path = "."
        [target]
        kind = "eml"
        path = "archive"
        %s
        [[mailbox]]
        source = "box"
        """
            .formatted(more));
  }
}
