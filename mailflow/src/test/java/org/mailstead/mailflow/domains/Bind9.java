package org.mailstead.mailflow.domains;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;

/// BIND's named on a free port of this machine, for zones of which it is told; it answers for them
/// and resolves nothing else. Ends with the test.
final class Bind9 implements AutoCloseable {
  static final String KEY_NAME = "mailstead-test";
  static final String KEY = "c2VjcmV0LW9mLXRoZS10ZXN0LXdpdGgtMzItb2N0ZXRzISE=";

  private final Path folder;
  private final int port;
  private final Process process;

  /// @param zones by name the records after SOA and NS, in zone file format
  static Bind9 start(Map<String, String> zones) {
    Path named =
        Stream.of("/usr/sbin/named", "/usr/local/sbin/named")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (named == null) System.out.println("not run: named (Debian package bind9) is missing");
    Assumptions.assumeTrue(named != null, "named (Debian package bind9) is missing");
    try {
      return new Bind9(named, new TreeMap<>(zones));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Bind9(Path named, Map<String, String> zones) throws IOException {
    folder = Files.createTempDirectory("bind9");
    port = freePort();
    StringBuilder conf =
        new StringBuilder(
            """
            options { directory "%s"; pid-file none; session-keyfile none; listen-on port %d { 127.0.0.1; };
              listen-on-v6 { none; }; recursion no; allow-query { any; }; dnssec-validation no; empty-zones-enable no; };
            controls { };
            key "%s" { algorithm hmac-sha256; secret "%s"; };
            """
                .formatted(folder, port, KEY_NAME, KEY));
    for (Map.Entry<String, String> zone : zones.entrySet()) {
      conf.append(
          "zone \"%s\" { type primary; file \"%s.zone\"; update-policy { grant %s zonesub ANY; }; };%n"
              .formatted(zone.getKey(), zone.getKey(), KEY_NAME));
      Files.writeString(
          folder.resolve(zone.getKey() + ".zone"),
          """
          $ORIGIN %s.
          $TTL 0
          @ IN SOA ns1 hostmaster 1 3600 600 86400 0
          @ IN NS ns1
          ns1 IN A 127.0.0.1
          %s
          """
              .formatted(zone.getKey(), zone.getValue()));
    }
    Path file = Files.writeString(folder.resolve("named.conf"), conf);
    process =
        new ProcessBuilder(named.toString(), "-g", "-n", "1", "-c", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    awaitRunning();
  }

  private void awaitRunning() throws IOException {
    for (int i = 0; i < 200; i++) {
      if (!process.isAlive()) break;
      if (Files.readString(folder.resolve("log")).contains("all zones loaded")) return;
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    String log = Files.readString(folder.resolve("log"));
    close();
    throw new IllegalStateException("named did not start:\n" + log);
  }

  /// Free for both transports.
  private static int freePort() throws IOException {
    while (true) {
      try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
        try (DatagramSocket _ =
            new DatagramSocket(tcp.getLocalPort(), InetAddress.getByName("127.0.0.1"))) {
          return tcp.getLocalPort();
        } catch (java.net.BindException e) {
          // Another one.
        }
      }
    }
  }

  int port() {
    return port;
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  DnsResolver resolver() {
    return new DnsResolver(
        DnsSettings.standard().withResolver(address(), Duration.ofSeconds(2)),
        java.time.InstantSource.system());
  }

  String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
      List<Path> files;
      try (Stream<Path> all = Files.walk(folder)) {
        files = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : files) Files.deleteIfExists(each);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
