package org.mailstead.acceptance;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/// BIND's named on the loopback address with one zone; it resolves nothing else.
final class Named implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/named");

  private final Process process;

  private Named(Process process) {
    this.process = process;
  }

  static void assumeInstalled() {
    boolean has = Files.isExecutable(PROGRAM);
    if (!has) System.out.println("not run: named (Debian package bind9) is missing");
    Assumptions.assumeTrue(has, "named (Debian package bind9) is missing");
  }

  static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /// @param records of the zone after SOA and NS, in zone file format
  static Named start(Path folder, int port, String zone, String records) throws IOException {
    Path own = Files.createTempDirectory(folder, "named");
    Files.writeString(
        own.resolve("zone"),
        "$TTL 0\n@ IN SOA ns1 h 1 60 60 60 0\n@ IN NS ns1\nns1 IN A 127.0.0.1\n" + records);
    Path configuration =
        Files.writeString(
            own.resolve("named.conf"),
            """
            options { directory "%s"; pid-file none; session-keyfile none; listen-on port %d { 127.0.0.1; };
              listen-on-v6 { none; }; recursion no; dnssec-validation no; };
            controls { };
            zone "%s" { type primary; file "zone"; };
            """
                .formatted(own, port, zone));
    Path log = own.resolve("log");
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "-g", "-n", "1", "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Awaitility.await()
        .until(() -> !process.isAlive() || Files.readString(log).contains("all zones loaded"));
    if (process.isAlive()) return new Named(process);
    throw new IOException("named did not start:\n" + Files.readString(log));
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
