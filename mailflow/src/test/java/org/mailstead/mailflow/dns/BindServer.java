package org.mailstead.mailflow.dns;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A real BIND on a free port of this machine, with zones that are signed by its own tools. Started
/// by the test that needs it; skipped, with the reason printed, where BIND is not installed.
public final class BindServer implements AutoCloseable {
  private final Path folder;
  private final Process process;
  private final InetSocketAddress address;
  private final String anchors;

  private BindServer(Path folder, Process process, InetSocketAddress address, String anchors) {
    this.folder = folder;
    this.process = process;
    this.address = address;
    this.anchors = anchors;
  }

  /// One zone.
  ///
  /// @param records in zone file format, relative to the name
  /// @param damage what is replaced after signing, and by what; empty: nothing
  public record Zone(String name, String records, boolean isSigned, List<String> damage) {
    public static Zone plain(String name, String records) {
      return new Zone(name, records, false, List.of());
    }

    public static Zone signed(String name, String records) {
      return new Zone(name, records, true, List.of());
    }

    /// Signed, then changed by somebody without the key.
    public static Zone forged(String name, String records, String before, String after) {
      return new Zone(name, records, true, List.of(before, after));
    }
  }

  public static BindServer start(List<Zone> zones) {
    try {
      boolean present =
          List.of("named", "dnssec-keygen", "dnssec-signzone").stream()
              .allMatch(program -> find(program) != null);
      assumeTrue(present, "skipped: bind9 and bind9-utils are not installed");
      Path folder = Files.createTempDirectory("bind");
      var anchors = new StringBuilder();
      int port = freePort();
      var conf = new StringBuilder();
      conf.append("options { directory \"")
          .append(folder)
          .append("\"; listen-on port ")
          .append(port)
          .append(" { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;")
          .append(" pid-file none; session-keyfile none; allow-query { any; }; };\n")
          .append("controls { };\n");
      for (Zone zone : zones) {
        Path file = write(folder, zone, anchors);
        conf.append("zone \"")
            .append(zone.name())
            .append("\" { type primary; file \"")
            .append(file)
            .append("\"; };\n");
      }
      Path config = folder.resolve("named.conf");
      Files.writeString(config, conf);
      Process process =
          new ProcessBuilder(find("named"), "-g", "-n", "1", "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log.txt").toFile())
              .start();
      var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
      var server = new BindServer(folder, process, address, anchors.toString());
      server.awaitStart();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public InetSocketAddress address() {
    return address;
  }

  /// DS records of the signed zones.
  public String anchors() {
    return anchors;
  }

  private static Path write(Path folder, Zone zone, StringBuilder anchors)
      throws IOException, InterruptedException {
    Path file = folder.resolve(zone.name() + ".zone");
    Files.writeString(
        file,
        "$ORIGIN "
            + zone.name()
            + ".\n$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 300\n@ IN NS ns\nns IN A 127.0.0.1\n"
            + zone.records());
    if (!zone.isSigned()) return file;
    run(folder, find("dnssec-keygen"), "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone.name());
    run(folder, find("dnssec-keygen"), "-q", "-a", "ECDSAP256SHA256", zone.name());
    run(
        folder,
        find("dnssec-signzone"),
        "-q",
        "-S",
        "-s",
        "20200101000000",
        "-e",
        "20450101000000",
        "-o",
        zone.name(),
        file.toString());
    Path signed = folder.resolve(zone.name() + ".zone.signed");
    if (!zone.damage().isEmpty()) {
      String text = Files.readString(signed);
      if (!text.contains(zone.damage().getFirst())) throw new IllegalStateException(text);
      Files.writeString(signed, text.replace(zone.damage().get(0), zone.damage().get(1)));
    }
    anchors.append(Files.readString(folder.resolve("dsset-" + zone.name() + ".")));
    return signed;
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(List.of(command) + ": " + output);
    }
  }

  private static String find(String program) {
    for (String folder : List.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")) {
      Path path = Path.of(folder, program);
      if (Files.isExecutable(path)) return path.toString();
    }
    return null;
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(address, 500);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end || !process.isAlive()) {
          throw new IOException(Files.readString(folder.resolve("log.txt")), e);
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly();
      List<Path> files = new ArrayList<>();
      try (var all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).forEach(files::add);
      }
      for (Path file : files) Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
