package org.mailstead.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The service as a user starts it: `./mailstead serve` as a child process on free ports of the
/// loopback address, found through its ready file.
final class ServiceProcess implements AutoCloseable {
  private static final long READY_SECONDS_MAX = 180;

  static final Path HOME =
      Path.of(System.getProperty("mailstead.home", "..")).toAbsolutePath().normalize();

  private final Process process;
  private final JsonNode ready;
  final Path data;

  private ServiceProcess(Process process, JsonNode ready, Path data) {
    this.process = process;
    this.ready = ready;
    this.data = data;
  }

  /// Variables that give every listener a free port.
  static Map<String, String> freePorts() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String name :
        List.of(
            "SMTP", "SUBMISSION", "SUBMISSIONS", "LMTP", "IMAP", "IMAPS", "MANAGESIEVE", "API")) {
      variables.put("MAILSTEAD_LISTEN_" + name, "127.0.0.1:0");
    }
    variables.put("MAILSTEAD_DOMAINS_VERIFIED", "*");
    return variables;
  }

  static ServiceProcess start(Path data, Map<String, String> settings, String... prefix)
      throws IOException, InterruptedException {
    Path readyFile = data.resolveSibling(data.getFileName() + ".ready");
    Files.deleteIfExists(readyFile);
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(
        List.of(
            HOME.resolve("mailstead").toString(),
            "serve",
            "--data",
            data.toString(),
            "--ready-file",
            readyFile.toString()));
    Process process = builder(command, settings).start();
    Path log = data.resolveSibling(data.getFileName() + ".log");
    Thread.ofVirtual()
        .start(() -> {
          try (var in = process.getInputStream();
              var out =
                  Files.newOutputStream(
                      log,
                      java.nio.file.StandardOpenOption.CREATE,
                      java.nio.file.StandardOpenOption.APPEND)) {
            in.transferTo(out);
          } catch (IOException e) {
            // The process was killed, and its output with it.
          }
        });
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (!Files.exists(readyFile)) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "the service ended with "
                + process.exitValue()
                + ": "
                + (Files.exists(log) ? Files.readString(log) : ""));
      }
      if (System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IOException("the service was not ready after " + READY_SECONDS_MAX + " s");
      }
    }
    return new ServiceProcess(
        process, JsonMapper.builder().build().readTree(Files.readString(readyFile)), data);
  }

  static ProcessBuilder builder(List<String> command, Map<String, String> settings) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("MAILSTEAD_LISTEN"));
    builder.environment().putAll(settings);
    return builder;
  }

  JsonNode ready() {
    return ready;
  }

  String text(String name) {
    return ready.path(name).asString("");
  }

  /// The port of a listener, by its name in the ready file.
  int port(String endpoint) {
    String address = ready.path("endpoints").path(endpoint).asString("");
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /// The process that is the service itself: the launcher has replaced itself by it.
  long pid() {
    return process.pid();
  }

  /// Whether it ends by itself in this time.
  boolean endsWithin(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// SIGKILL: nothing of it runs any more when this returns.
  void kill() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.waitFor();
  }

  /// SIGTERM, and how long it took; empty when it did not end within ten seconds.
  Optional<Long> stop() throws InterruptedException {
    long start = System.nanoTime();
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) return Optional.empty();
    return Optional.of(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  int exitCode() {
    return process.exitValue();
  }

  @Override
  public void close() {
    // Under strace the service is a child, which would live on.
    List<ProcessHandle> children = process.descendants().toList();
    children.forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
      for (ProcessHandle child : children) child.onExit().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
