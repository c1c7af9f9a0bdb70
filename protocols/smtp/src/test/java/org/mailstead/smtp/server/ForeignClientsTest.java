package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.mailstead.smtp.TestServer;

/// Clients that are not ours: swaks and Python's smtplib, where they are installed.
final class ForeignClientsTest {
  private static final Path SWAKS = Path.of("/usr/bin/swaks");
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  private static final String SMTPLIB =
      """
      import smtplib, ssl, sys
      plain, implicit = int(sys.argv[1]), int(sys.argv[2])
      context = ssl.create_default_context()
      context.check_hostname = False
      context.verify_mode = ssl.CERT_NONE
      def session(client):
          client.login('alice@example.org', 'secret')
          client.sendmail('alice@example.org', ['b@example.org'],
                          b'Subject: hello\\r\\n\\r\\n.dot\\r\\n',
                          mail_options=['BODY=8BITMIME'], rcpt_options=['NOTIFY=FAILURE'])
          try:
              client.sendmail('alice@example.org', ['unknown@example.org'], b'x')
              sys.exit('not refused')
          except smtplib.SMTPRecipientsRefused as refused:
              assert refused.recipients['unknown@example.org'][0] == 550
          client.quit()
      client = smtplib.SMTP('127.0.0.1', plain, timeout=20)
      client.starttls(context=context)
      session(client)
      session(smtplib.SMTP_SSL('127.0.0.1', implicit, timeout=20, context=context))
      """;

  @Test
  void pythonLogsInAndSubmitsOverStartTlsAndImplicitTls() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(PYTHON), "python3 is not installed");
    try (var server = TestServer.start()) {
      run(
          List.of(
              PYTHON.toString(),
              "-c",
              SMTPLIB,
              Integer.toString(server.address(TestServer.SUBMISSION).getPort()),
              Integer.toString(server.address(TestServer.SUBMISSIONS).getPort())));
      for (int i = 0; i < 2; i++) {
        var received = server.reception().take();
        assertThat(received.session().protocol()).isEqualTo("ESMTPSA");
        assertThat(received.text()).isEqualTo("Subject: hello\r\n\r\n.dot\r\n");
        assertThat(received.recipients().getFirst().isFailureReported()).isTrue();
      }
    }
  }

  @Test
  void swaksDeliversOverEveryListener() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(SWAKS), "swaks is not installed");
    try (var server = TestServer.start()) {
      run(server, TestServer.INBOUND);
      assertThat(server.reception().take().session().protocol()).isEqualTo("ESMTP");
      run(server, TestServer.INBOUND, "--pipeline");
      assertThat(server.reception().take().recipients()).hasSize(2);
      run(server, TestServer.LMTP, "--protocol", "LMTP");
      assertThat(server.reception().take().session().protocol()).isEqualTo("LMTP");
      if (!isTlsAvailable()) return;
      run(server, TestServer.INBOUND, "--tls");
      assertThat(server.reception().take().session().protocol()).isEqualTo("ESMTPS");
      for (String mechanism : new String[] {"PLAIN", "LOGIN"}) {
        String[] login = {
          "--auth", mechanism, "--auth-user", "alice@example.org", "--auth-password", "secret"
        };
        run(server, TestServer.SUBMISSION, with("--tls", login));
        assertThat(server.reception().take().session().protocol()).isEqualTo("ESMTPSA");
        run(server, TestServer.SUBMISSIONS, with("--tls-on-connect", login));
        assertThat(server.reception().take().session().principal()).isPresent();
      }
    }
  }

  private static String[] with(String first, String[] rest) {
    List<String> all = new ArrayList<>(List.of(rest));
    all.addFirst(first);
    return all.toArray(String[]::new);
  }

  /// swaks needs a Perl module for TLS.
  private static boolean isTlsAvailable() throws Exception {
    var process = new ProcessBuilder("perl", "-MNet::SSLeay", "-e", "1").start();
    return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private static void run(TestServer server, int listener, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                SWAKS.toString(),
                "--server",
                "127.0.0.1",
                "--port",
                Integer.toString(server.address(listener).getPort()),
                "--from",
                "a@example.com",
                "--to",
                "b@example.org,c@example.org"));
    command.addAll(List.of(options));
    run(command);
  }

  private static void run(List<String> command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
