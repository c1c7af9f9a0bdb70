package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// MIG-1: other people's programs move mail into and out of every mailbox with the migration
/// administrator's own password, while the setting is on; on and off are in the audit log.
@Tag("acceptance")
final class MigrationAdministratorTest {
  private static final String IMAPLIB =
      """
      import imaplib, ssl, sys
      host, port, ca, user, admin, password = sys.argv[1:7]
      imap = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=ca))
      try:
          imap.authenticate('PLAIN', lambda _: f'{user}\\0{admin}\\0{password}'.encode())
      except imaplib.IMAP4.error as e:
          print('refused', e)
          sys.exit(1)
      print(imap.append('INBOX', None, None, b'Subject: By imaplib\\r\\n\\r\\nHello\\r\\n')[0])
      print('messages', imap.select('INBOX')[1][0].decode())
      imap.logout()
      """;

  @TempDir Path folder;

  @Test
  @DisplayName("MIG-1: the migration administrator with imaplib, mbsync and imapsync; on and off")
  void otherPeoplesProgramsActAsUsers() throws Exception {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      List<String> users = Users.create(service, 2);
      String admin = users.get(0);
      String user = users.get(1);
      assertThat(imaplib(service, user, admin).output()).startsWith("refused");
      Users.workmail(service, "update-organization-settings", "--migration-admin", admin);

      assertThat(imaplib(service, user, admin).succeeds().output()).contains("OK", "messages 1");
      mbsync(service, user, admin);
      imapsync(service, user, admin);

      // Only mail, only reading and writing it: nothing is sent as somebody else.
      Tool sent =
          Tool.run(
              "python3",
              "-c",
              """
              import base64, smtplib, ssl, sys
              s = smtplib.SMTP_SSL('localhost', int(sys.argv[1]), context=ssl.create_default_context(cafile=sys.argv[2]))
              s.ehlo()
              token = base64.b64encode(f'{sys.argv[3]}\\0{sys.argv[4]}\\0{sys.argv[5]}'.encode()).decode()
              print(s.docmd('AUTH', 'PLAIN ' + token)[0])
              """,
              String.valueOf(service.port("submissions")),
              service.text("caCertificate"),
              user,
              admin,
              Users.PASSWORD);
      assertThat(sent.succeeds().output().strip()).isEqualTo("535");

      Users.workmail(service, "update-organization-settings", "--no-migration-admin-enabled");
      assertThat(imaplib(service, user, admin).output()).startsWith("refused");
      Tool audit =
          Tool.run(
              ServiceProcess.HOME.resolve("mailstead").toString(),
              "audit",
              "--data",
              folder.resolve("data").toString(),
              "--organization",
              service.text("organizationId"),
              "--filter",
              "EventName=UpdateOrganizationSettings");
      assertThat(
              audit
                  .succeeds()
                  .output()
                  .lines()
                  .filter(l -> l.contains("UpdateOrganizationSettings")))
          .hasSizeGreaterThanOrEqualTo(2);
    }
  }

  private Tool imaplib(ServiceProcess service, String user, String admin) throws Exception {
    return Tool.run(
        "python3",
        "-c",
        IMAPLIB,
        "localhost",
        String.valueOf(service.port("imaps")),
        service.text("caCertificate"),
        user,
        admin,
        Users.PASSWORD);
  }

  /// It knows no authorization identity: the login name says both.
  private void mbsync(ServiceProcess service, String user, String admin) throws Exception {
    if (!Tool.isInstalled("mbsync")) {
      System.out.println("not run: mbsync (Debian package isync) is missing");
      return;
    }
    Path mail = Files.createDirectories(folder.resolve("mail"));
    Path rc =
        Files.writeString(
            folder.resolve("mbsyncrc"),
            """
            IMAPAccount there
            Host localhost
            Port %d
            User %s*%s
            Pass %s
            SSLType IMAPS
            CertificateFile %s

            IMAPStore there
            Account there

            MaildirStore here
            Path %s/
            Inbox %s/INBOX
            SubFolders Verbatim

            Channel all
            Far :there:
            Near :here:
            Patterns INBOX
            Create Both
            Sync All
            SyncState *
            """
                .formatted(
                    service.port("imaps"),
                    user,
                    admin,
                    Users.PASSWORD,
                    service.text("caCertificate"),
                    mail,
                    mail));
    Tool.run("mbsync", "-q", "-c", rc.toString(), "-a").succeeds();
    try (var files = Files.walk(mail)) {
      List<Path> found =
          files.filter(f -> f.getParent().endsWith("new") && Files.isRegularFile(f)).toList();
      assertThat(found).hasSize(1);
      assertThat(Files.readString(found.getFirst())).contains("Subject: By imaplib");
    }
    Files.writeString(
        mail.resolve("INBOX/cur/1700000000.m1.h:2,S"),
        "Subject: By mbsync\n\nHello\n",
        StandardCharsets.US_ASCII);
    Tool.run("mbsync", "-q", "-c", rc.toString(), "-a").succeeds();
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      assertThat(imap.ok("SELECT INBOX").toString()).contains("2 EXISTS");
    }
  }

  private void imapsync(ServiceProcess service, String user, String admin) throws Exception {
    if (!Tool.isInstalled("imapsync")) {
      System.out.println("not run: imapsync (not in Debian) is missing");
      return;
    }
    String port = String.valueOf(service.port("imaps"));
    Tool.run(
            "imapsync",
            "--host1",
            "localhost",
            "--port1",
            port,
            "--ssl1",
            "--user1",
            user,
            "--authuser1",
            admin,
            "--authmech1",
            "PLAIN",
            "--password1",
            Users.PASSWORD,
            "--host2",
            "localhost",
            "--port2",
            port,
            "--ssl2",
            "--user2",
            admin,
            "--password2",
            Users.PASSWORD,
            "--sslargs1",
            "SSL_ca_file=" + service.text("caCertificate"),
            "--sslargs2",
            "SSL_ca_file=" + service.text("caCertificate"),
            "--nolog")
        .succeeds();
    try (PlainImap imap = new PlainImap(service.port("imap"), admin, Users.PASSWORD)) {
      assertThat(imap.ok("SELECT INBOX").toString()).contains("2 EXISTS");
    }
  }
}
