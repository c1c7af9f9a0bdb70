package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A mailbox moves from one running service to another: mail programs find every number as it was,
/// and a target that is killed on the way costs only time.
@Tag("acceptance")
final class MoveBetweenServicesTest {
  /// Fills a mailbox: two folders, gaps in the UIDs, flags, keywords, dates.
  private static final String FILL =
      """
      import imaplib, ssl, sys
      port, ca, user, password = sys.argv[1:5]
      imap = imaplib.IMAP4_SSL('localhost', int(port), ssl_context=ssl.create_default_context(cafile=ca))
      imap.login(user, password)
      imap.create('Projects/2026')
      for box, count in (('INBOX', 400), ('Projects/2026', 150)):
          for i in range(count):
              flags = ['', r'(\\Seen)', r'(\\Flagged $Label1)', r'(\\Answered \\Seen)'][i % 4] or None
              body = b'Subject: %s %d\\r\\nMessage-ID: <%d@%s.example>\\r\\n\\r\\n%s\\r\\n' % (box.encode(), i, i, box.replace('/', '.').encode(), b'x' * (i * 37 % 3000))
              imap.append('"%s"' % box, flags, '"%02d-Jan-2026 10:00:%02d +0100"' % (i % 28 + 1, i % 60), body)
          imap.select('"%s"' % box)
          imap.store('3,5,7:9', '+FLAGS', r'(\\Deleted)')
          imap.expunge()
      imap.logout()
      """;

  /// Everything that a mail program remembers of a mailbox.
  private static final String DUMP =
      """
      import hashlib, imaplib, re, ssl, sys
      port, ca, user, password, numbers = sys.argv[1:6]
      imap = imaplib.IMAP4_SSL('localhost', int(port), ssl_context=ssl.create_default_context(cafile=ca))
      imap.login(user, password)
      for box in ('INBOX', 'Projects/2026'):
          imap.select('"%s"' % box, readonly=True)
          if numbers == 'yes':
              print(box, imap.untagged_responses.get('UIDVALIDITY'))
          data = imap.fetch('1:*', '(UID FLAGS INTERNALDATE EMAILID BODY.PEEK[])' if numbers == 'yes' else '(FLAGS INTERNALDATE BODY.PEEK[])')[1]
          lines = []
          for part in data:
              if isinstance(part, tuple):
                  head = part[0].decode() if numbers == 'yes' else re.sub(r'^[0-9]+ ', '', part[0].decode())
                  head = re.sub(r'FLAGS \\(([^)]*)\\)', lambda m: 'FLAGS (' + ' '.join(sorted(f for f in m.group(1).split() if f != '\\\\Recent')) + ')', head)
                  lines.append(head + ' ' + hashlib.sha256(part[1]).hexdigest())
          print('\\n'.join(lines if numbers == 'yes' else sorted(lines)))
      imap.logout()
      """;

  @TempDir Path folder;

  @Test
  @DisplayName("MIG-3: UIDVALIDITY, UIDs, EMAILIDs, flags and dates are those of the old service")
  void numbersAreKept() throws Exception {
    try (ServiceProcess source = ServiceProcess.start(folder.resolve("a"), settings());
        ServiceProcess target = ServiceProcess.start(folder.resolve("b"), settings())) {
      for (ServiceProcess each : List.of(source, target)) {
        String admin = Users.create(each, 2).getFirst();
        Users.workmail(each, "update-organization-settings", "--migration-admin", admin);
      }
      python(source, FILL);
      Path plan = plan(source, target, true);
      assertThat(migrate("run", plan).succeeds().output()).contains("WHOLE: 1 of 1");
      assertThat(migrate("verify", plan).succeeds().output()).contains("WHOLE: 1 of 1");
      String before = python(source, DUMP, "yes");
      assertThat(before.lines()).hasSizeGreaterThan(530);
      assertThat(python(target, DUMP, "yes")).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("MIG-4: a target service that is killed loses and doubles nothing")
  void theTargetIsKilled() throws Exception {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    System.out.println("MoveBetweenServicesTest: seed " + seed);
    Random random = new Random(seed);
    Map<String, String> fixed = settings();
    fixed.put("MAILSTEAD_LISTEN_IMAPS", "127.0.0.1:" + freePort());
    ServiceProcess target = ServiceProcess.start(folder.resolve("b"), fixed);
    try (ServiceProcess source = ServiceProcess.start(folder.resolve("a"), settings())) {
      Users.create(source, 2);
      Users.create(target, 2);
      python(source, FILL);
      Path plan = plan(source, target, false);
      Process run =
          ServiceProcess.builder(command("run", plan), Map.of())
              .redirectOutput(folder.resolve("run.log").toFile())
              .start();
      for (int i = 0; i < 3; i++) {
        // A kill at a random time: nothing to await.
        if (run.waitFor(500 + random.nextInt(1_500), TimeUnit.MILLISECONDS)) break;
        target.kill();
        target = ServiceProcess.start(folder.resolve("b"), fixed);
      }
      assertThat(run.waitFor(4, TimeUnit.MINUTES)).as("the run ends").isTrue();
      // Kills may have worn out its patience: it goes on where it was.
      Tool rest = migrate("run", plan).succeeds();
      assertThat(rest.output()).contains("WHOLE: 1 of 1");
      assertThat(python(target, DUMP, "no")).isEqualTo(python(source, DUMP, "no"));
    } finally {
      target.close();
    }
  }

  private static Map<String, String> settings() {
    return new HashMap<>(ServiceProcess.freePorts());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Path plan(ServiceProcess source, ServiceProcess target, boolean asAdministrator)
      throws IOException {
    String user = "u1@" + source.text("testDomain");
    String there = "u1@" + target.text("testDomain");
    return Files.writeString(
        folder.resolve("plan.toml"),
        "work = \"work\"\n[options]\nretries = 30\n"
            + end("source", source, asAdministrator)
            + end("target", target, asAdministrator)
            + "[[mailbox]]\nsource = \"%s\"\ntarget = \"%s\"\n".formatted(user, there));
  }

  private static String end(String name, ServiceProcess service, boolean asAdministrator) {
    String login =
        asAdministrator
            ? "administrator = \"u0@%s\"\nadministrator-password = '%s'\n"
                .formatted(service.text("testDomain"), Users.PASSWORD)
            : "password = '%s'\n".formatted(Users.PASSWORD);
    return "[%s]\nhost = \"localhost\"\nport = %d\nca-file = \"%s\"\n%s"
        .formatted(name, service.port("imaps"), service.text("caCertificate"), login);
  }

  private static String python(ServiceProcess service, String script, String... more)
      throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                "python3",
                "-c",
                script,
                String.valueOf(service.port("imaps")),
                service.text("caCertificate"),
                "u1@" + service.text("testDomain"),
                Users.PASSWORD));
    command.addAll(List.of(more));
    return Tool.run(Map.of(), "", command).succeeds().output();
  }

  private static List<String> command(String word, Path settings) {
    return List.of(
        ServiceProcess.HOME.resolve("mailstead").toString(), "migrate", word, settings.toString());
  }

  private static Tool migrate(String word, Path settings) throws Exception {
    return Tool.run(Map.of(), "", command(word, settings));
  }
}
