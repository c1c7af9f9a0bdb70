package org.mailstead.mailflow.filter;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A real filter daemon of Debian's on a free port of this machine, with a folder, rules and
/// signatures of its own, started by the test that needs it. Skipped, with the reason printed,
/// where it is not installed.
public final class FilterDaemon implements AutoCloseable {
  /// What the test's only virus signature finds.
  public static final String VIRUS = "MAILSTEAD-TEST-VIRUS-OCTETS";

  /// The word in a subject that the test's rules of spam filters find.
  public static final String SPAM_WORD = "CHEAP";

  private final Path folder;
  private final int port;
  private Process process;

  private FilterDaemon(String name) throws IOException {
    folder = Files.createTempDirectory(name);
    // spamd reads its rules as nobody.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    port = freePort();
  }

  public FilterAddress address() {
    return new FilterAddress("127.0.0.1:" + port);
  }

  public static FilterDaemon clamd() {
    String program = find("clamd", "clamav-daemon");
    return start(
        "clamd",
        daemon -> {
          Path database = Files.createDirectory(daemon.folder.resolve("db"));
          String hex = HexFormat.of().formatHex(VIRUS.getBytes(StandardCharsets.US_ASCII));
          Files.writeString(database.resolve("test.ndb"), "Mailstead.Test:0:*:" + hex + "\n");
          daemon.write(
              "clamd.conf",
              """
              TCPSocket %d
              TCPAddr 127.0.0.1
              DatabaseDirectory %s
              Foreground yes
              TemporaryDirectory %s
              StreamMaxLength 1M
              """
                  .formatted(daemon.port, database, daemon.folder));
          return List.of(program, "-c", daemon.file("clamd.conf"));
        });
  }

  public static FilterDaemon spamd() {
    String program = find("spamd", "spamd");
    return start(
        "spamd",
        daemon -> {
          Files.createDirectory(daemon.folder.resolve("rules"));
          Files.createDirectory(daemon.folder.resolve("site"));
          Files.createDirectory(daemon.folder.resolve("home"));
          daemon.write("site/init.pre", "loadplugin Mail::SpamAssassin::Plugin::Check\n");
          daemon.write(
              "rules/10_test.cf",
              """
              required_score 5
              header MAILSTEAD_WORD Subject =~ /CHEAP/
              score MAILSTEAD_WORD 7.5
              header MAILSTEAD_PEER Received =~ /192\\.0\\.2\\.7/
              score MAILSTEAD_PEER 0.1
              """);
          return List.of(
              program,
              "-L",
              "-x",
              "-C",
              daemon.file("rules"),
              "--siteconfigpath=" + daemon.file("site"),
              "-i",
              "127.0.0.1",
              "-p",
              Integer.toString(daemon.port),
              "-m",
              "1",
              "-s",
              "stderr");
        });
  }

  public static FilterDaemon rspamd() {
    String program = find("rspamd", "rspamd");
    return start(
        "rspamd",
        daemon -> {
          daemon.write("tld", "com\nexample\n");
          daemon.write(
              "rules.lua",
              """
              rspamd_config.MAILSTEAD_WORD = {
                callback = function(task)
                  local subject = task:get_subject()
                  return subject ~= nil and subject:find('CHEAP') ~= nil
                end,
                score = 7.5,
              }
              rspamd_config.MAILSTEAD_PEER = {
                callback = function(task)
                  local from = task:get_from('smtp')
                  return tostring(task:get_from_ip()) == '192.0.2.7'
                      and from ~= nil and from[1].addr == 'friend@far.example'
                end,
                score = 0.1,
              }
              """);
          daemon.write(
              "rspamd.conf",
              """
              options {
                url_tld = "%1$s/tld"; filters = ""; cache_file = "%1$s/symbols.cache";
                dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
                tempdir = "%1$s"; hs_cache_dir = "%1$s"; history_file = ""; rrd = "";
              }
              logging { type = "console"; level = "info"; }
              actions { reject = 15; add_header = 6; greylist = 4; }
              worker "normal" { bind_socket = "127.0.0.1:%2$d"; count = 1; }
              lua = "%1$s/rules.lua";
              """
                  .formatted(daemon.folder, daemon.port));
          return List.of(
              program, "-f", "-i", "-u", "root", "-g", "root", "-c", daemon.file("rspamd.conf"));
        });
  }

  /// OpenDKIM as a verifier that writes Authentication-Results.
  public static FilterDaemon opendkim() {
    String program = find("opendkim", "opendkim");
    return start(
        "opendkim",
        daemon -> {
          daemon.write(
              "opendkim.conf",
              """
              Mode v
              AlwaysAddARHeader yes
              AuthservID dkim.example.test
              Nameservers 127.0.0.1
              DNSTimeout 1
              UserID root
              """);
          return List.of(
              program,
              "-f",
              "-x",
              daemon.file("opendkim.conf"),
              "-p",
              "inet:" + daemon.port + "@127.0.0.1");
        });
  }

  /// A milter in Python with libmilter beneath it; what it does stands in the subject.
  public static FilterDaemon milter() {
    Path python = Path.of("/usr/bin/python3");
    assumeTrue(
        Files.isExecutable(python)
            && Files.isDirectory(Path.of("/usr/lib/python3/dist-packages/Milter")),
        "skipped: python3-milter is not installed");
    return start(
        "milter",
        daemon -> {
          daemon.write(
              "testmilter.py",
              """
              import sys, time, Milter
              class Test(Milter.Base):
                def __init__(self):
                  self.id = Milter.uniqueID(); self.subject = ''; self.seen = []; self.body_bytes = 0
                def connect(self, host, family, address):
                  self.seen.append('ip=%s' % address[0]); return Milter.CONTINUE
                def hello(self, name):
                  self.seen.append('helo=%s' % name); return Milter.CONTINUE
                def envfrom(self, sender, *rest):
                  self.seen.append('from=%s id=%s' % (sender, self.getsymval('i'))); return Milter.CONTINUE
                def envrcpt(self, recipient, *rest):
                  self.seen.append('rcpt=%s' % recipient)
                  return Milter.REJECT if recipient.startswith('<bert@') else Milter.CONTINUE
                def header(self, name, value):
                  if name.lower() == 'subject': self.subject = value
                  if name.lower() == 'x-folded': self.seen.append('folded=%r' % value)
                  return Milter.CONTINUE
                def body(self, chunk):
                  self.body_bytes += len(chunk); return Milter.CONTINUE
                def eom(self):
                  s = self.subject
                  if 'refuse' in s: return Milter.REJECT
                  if 'reply' in s:
                    self.setreply('553', '5.6.7', 'Not with these words'); return Milter.REJECT
                  if 'later' in s: return Milter.TEMPFAIL
                  if 'discard' in s: return Milter.DISCARD
                  if 'accept' in s: return Milter.ACCEPT
                  if 'slow' in s:
                    for i in range(20): time.sleep(1); self.progress()
                  if 'aside' in s: self.quarantine('looks odd')
                  if 'change' in s:
                    self.chgheader('X-Twice', 2, 'changed'); self.chgheader('X-Gone', 1, '')
                  self.addheader('X-Milter-Seen', '; '.join(self.seen) + '; body=%d' % self.body_bytes)
                  return Milter.CONTINUE
              Milter.factory = Test
              Milter.set_flags(Milter.ADDHDRS + Milter.CHGHDRS + Milter.QUARANTINE)
              Milter.runmilter('test', sys.argv[1], 60)
              """);
          return List.of(
              python.toString(),
              daemon.file("testmilter.py"),
              "inet:" + daemon.port + "@127.0.0.1");
        });
  }

  private interface Setup {
    List<String> commandOf(FilterDaemon daemon) throws IOException;
  }

  private static FilterDaemon start(String name, Setup setup) {
    try {
      FilterDaemon daemon = new FilterDaemon(name);
      var builder = new ProcessBuilder(setup.commandOf(daemon));
      builder.directory(daemon.folder.toFile());
      builder.environment().put("HOME", daemon.folder.toString());
      daemon.process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(daemon.folder.resolve("log.txt").toFile())
              .start();
      daemon.awaitStart();
      return daemon;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static String find(String program, String debianPackage) {
    Optional<Path> found =
        Stream.of("/usr/sbin", "/usr/bin")
            .map(folder -> Path.of(folder, program))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), "skipped: " + debianPackage + " is not installed");
    return found.get().toString();
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end || !process.isAlive()) {
          String log = Files.readString(folder.resolve("log.txt"));
          close();
          throw new IOException(log, e);
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  /// Ends it as a crash would.
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
      children.forEach(ProcessHandle::destroyForcibly);
      try (var all = Files.walk(folder)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
