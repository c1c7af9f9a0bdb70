package org.mailstead.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.mailstead.migration.plan.SettingsReader;
import org.mailstead.migration.run.MigrationRun;
import org.mailstead.migration.transfer.StopSignal;

/// What a service does in the life that trains the ahead-of-time cache: one message by SMTP, a
/// login and the usual commands by IMAP; and what a migration does.
public final class Training {
  private static final int MESSAGES = 400;

  private Training() {}

  public static void exercise(Service service) throws IOException {
    Map<String, Object> described = service.description();
    String address = String.valueOf(described.get("adminAddress"));
    String password = String.valueOf(described.get("adminPassword"));
    talk(
        service.endpoint("smtp"),
        "EHLO training.example\r\n",
        "MAIL FROM:<training@example.org>\r\n",
        "RCPT TO:<" + address + ">\r\n",
        "DATA\r\n",
        "Subject: training\r\nContent-Type: text/plain\r\n\r\ntext\r\n.\r\n",
        "QUIT\r\n");
    talk(
        service.endpoint("imap"),
        "a LOGIN " + address + " " + password + "\r\n",
        "b LIST \"\" *\r\n",
        "c SELECT INBOX\r\n",
        "d FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n",
        "e STORE 1 +FLAGS (\\Seen)\r\n",
        "f SEARCH TEXT training\r\n",
        "g LOGOUT\r\n");
  }

  /// Messages from files to the service and from there to files, as `migrate run` does it.
  public static void migrate(Service service, Path scratch) throws IOException {
    Path box = Files.createDirectories(scratch.resolve("eml").resolve("a").resolve("INBOX"));
    for (int i = 0; i < MESSAGES; i++) {
      Files.writeString(
          box.resolve(i + ".eml"),
          "From: training@example.org\r\nSubject: training %d\r\n\r\n%s\r\n"
              .formatted(i, "text ".repeat(200)));
    }
    Map<String, Object> described = service.description();
    String imap =
        "host = \"127.0.0.1\"\nport = %d\nsecurity = \"plain\"\npassword = '%s'\n"
            .formatted(service.endpoint("imap").getPort(), described.get("adminPassword"));
    String address = String.valueOf(described.get("adminAddress"));
    migrate(scratch, "in", "kind = \"eml\"\npath = \"eml\"\n", imap, "a", address);
    migrate(scratch, "out", imap, "kind = \"maildir\"\npath = \"out\"\n", address, "a");
  }

  private static void migrate(
      Path scratch, String name, String source, String target, String from, String to)
      throws IOException {
    Path file = scratch.resolve(name + ".toml");
    Files.writeString(
        file,
        "work = \"%s-work\"\n[source]\n%s[target]\n%s[[mailbox]]\nsource = \"%s\"\ntarget = \"%s\"\n"
            .formatted(name, source, target, from, to));
    boolean whole =
        new MigrationRun(
                SettingsReader.read(file, Map.of(), InstantSource.system()),
                new MigrationRun.Options(List.of(), false, false, false),
                InstantSource.system(),
                new StopSignal())
            .run();
    if (!whole) throw new IOException("the training migration is not whole");
  }

  /// Sends each text after something was answered to the one before.
  private static void talk(InetSocketAddress to, String... texts) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.getPort())) {
      socket.setSoTimeout(10_000);
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[65536];
      for (String text : texts) {
        if (in.read(answer) < 0) return;
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      }
      in.readAllBytes();
    }
  }
}
