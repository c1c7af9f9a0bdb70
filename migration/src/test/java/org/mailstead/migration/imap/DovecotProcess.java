package org.mailstead.migration.imap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.mailstead.base.ContentSpool;

/// A Dovecot of the distribution as a child process on the loopback address: mdbox, users without
/// number, one password for all and a master user.
final class DovecotProcess implements AutoCloseable {
  static final String PASSWORD = "~its!a#secret";
  private static final String PROGRAM = "/usr/sbin/dovecot";

  private final Path folder;
  private Process process;
  final int port;

  private DovecotProcess(Path folder, Process process, int port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
  }

  static boolean isInstalled() {
    return Files.isExecutable(Path.of(PROGRAM));
  }

  static DovecotProcess start() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("dovecot");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    boolean root = "root".equals(System.getProperty("user.name"));
    String user = root ? "mail" : System.getProperty("user.name");
    Path home = Files.createDirectory(folder.resolve("home"));
    if (root) {
      Files.setOwner(
          home, home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(folder.resolve("masters"), "admin:{PLAIN}Admin-1\n");
    String internal =
        root
            ? ""
            : "default_internal_user = %s\ndefault_login_user = %s\nservice anvil { chroot = }\nservice imap-login { chroot = }\n"
                .formatted(user, user);
    Files.writeString(
        folder.resolve("dovecot.conf"),
        """
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = %1$s/log
        protocols = imap
        ssl = no
        disable_plaintext_auth = no
        auth_mechanisms = plain login
        auth_master_user_separator = *
        mail_location = mdbox:~/mdbox
        first_valid_uid = 1
        mail_max_userip_connections = 100
        passdb {
          driver = passwd-file
          args = %1$s/masters
          master = yes
        }
        passdb {
          driver = static
          args = "password=%2$s"
        }
        userdb {
          driver = static
          args = uid=%3$s gid=%3$s home=%1$s/home/%%n allow_all_users=yes
        }
        namespace inbox {
          inbox = yes
          separator = /
          mailbox Sent {
            special_use = \\Sent
            auto = create
          }
        }
        service imap-login {
          inet_listener imap {
            address = 127.0.0.1
            port = %4$d
          }
          inet_listener imaps {
            port = 0
          }
        }
        %5$s
        """
            .formatted(folder, PASSWORD, user, port, internal));
    return new DovecotProcess(folder, launch(folder, port), port);
  }

  private static Process launch(Path folder, int port) throws IOException {
    Process process =
        new ProcessBuilder(PROGRAM, "-F", "-c", folder.resolve("dovecot.conf").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || answers(port));
    if (process.isAlive()) return process;
    throw new IOException("no dovecot: " + Files.readString(folder.resolve("out")));
  }

  /// Kills every process of it at once (SIGKILL) and starts it anew over what is on the disk.
  void killAndRestart() throws IOException, InterruptedException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    Files.deleteIfExists(folder.resolve("run").resolve("master.pid"));
    process = launch(folder, port);
  }

  private static boolean answers(int port) {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  ImapMailbox mailbox(String user, ContentSpool spool) {
    return mailbox(user, spool, port);
  }

  ImapMailbox mailbox(String user, ContentSpool spool, int throughPort) {
    return new ImapMailbox(
        new ImapServerAddress(
            "127.0.0.1",
            throughPort,
            ImapServerAddress.Security.PLAIN,
            Optional.empty(),
            Provider.DOVECOT,
            Duration.ofSeconds(30)),
        new ImapLogin.Password(user, new Secret(PASSWORD)),
        spool);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
