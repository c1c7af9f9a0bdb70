package org.mailstead.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// A foreign program that a test runs, and the certificate that it shows: started and stopped by
/// the test, with everything in a folder of its own.
final class Peer implements AutoCloseable {
  private final List<String> command;
  private final Path log;
  private Process process;

  Peer(Path folder, List<String> command) throws IOException {
    this.command = command;
    this.log = folder.resolve("log");
    this.process = start();
  }

  private Process start() throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  static boolean isInstalled(String program) {
    return List.of("/usr/sbin/", "/usr/bin/").stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder + program)));
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// Waits until the port answers.
  void await(String host, int port) throws IOException {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !process.isAlive() || answers(host, port));
    } catch (ConditionTimeoutException e) {
      throw new IOException(command + " does not answer: " + Files.readString(log), e);
    }
    if (!process.isAlive()) throw new IOException(command + " ended: " + Files.readString(log));
  }

  private static boolean answers(String host, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// kill -9, with what it started.
  void kill() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  void startAgain() throws IOException {
    process = start();
  }

  static String run(Path folder, String... command) throws IOException {
    Path out = Files.createTempFile(folder, "run", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + ": " + Files.readString(out));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return Files.readString(out);
  }

  /// A self-signed certificate for an address: `cert.pem` and `key.pem` in the folder.
  static void certificate(Path folder, String address) throws IOException {
    String keys = folder.resolve("keys.p12").toString();
    certificates(
        "generate-self-signed-certificate",
        "--keystore",
        keys,
        "--keystore-type",
        "PKCS12",
        "--keystore-password",
        "password",
        "--alias",
        "ldap",
        "--subject-dn",
        "CN=" + address,
        "--subject-alternative-name-ip-address",
        address);
    certificates(
        "export-certificate",
        "--keystore",
        keys,
        "--keystore-password",
        "password",
        "--alias",
        "ldap",
        "--output-format",
        "PEM",
        "--output-file",
        folder.resolve("cert.pem").toString());
    certificates(
        "export-private-key",
        "--keystore",
        keys,
        "--keystore-password",
        "password",
        "--alias",
        "ldap",
        "--output-format",
        "PEM",
        "--output-file",
        folder.resolve("key.pem").toString());
    Files.setPosixFilePermissions(
        folder.resolve("key.pem"),
        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
  }

  private static void certificates(String... arguments) throws IOException {
    var out = new ByteArrayOutputStream();
    var result = com.unboundid.util.ssl.cert.ManageCertificates.main(null, out, out, arguments);
    if (!result.equals(com.unboundid.ldap.sdk.ResultCode.SUCCESS)) {
      throw new IOException(out.toString(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() throws IOException {
    kill();
  }
}
