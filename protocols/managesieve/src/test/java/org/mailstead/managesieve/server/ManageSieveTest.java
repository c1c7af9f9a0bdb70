package org.mailstead.managesieve.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.Protocol;
import org.mailstead.core.rules.MailboxScripts;
import org.mailstead.formats.sieve.SieveLimits;
import org.mailstead.managesieve.wire.ManageSieveLimits;

/// RFC 5804 over real sockets, as transcripts.
class ManageSieveTest {
  private final CoreFixture core = new CoreFixture();
  private ManageSieveServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() throws IOException {
    serve(ManageSieveLimits.STANDARD, true);
  }

  private void serve(ManageSieveLimits limits, boolean plain) throws IOException {
    if (server != null) server.close();
    server =
        new ManageSieveServer(
            new ManageSieveSettings(limits, plain),
            (credentials, peer) -> core.logins().login(credentials, Protocol.IMAP, peer),
            core.mailboxes(),
            Optional.empty());
    address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.bugCount()).isZero();
    core.close();
  }

  /// One connection.
  private final class Peer implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    Peer() throws IOException {
      socket.connect(address);
      socket.setSoTimeout(10_000);
      in = new BufferedInputStream(socket.getInputStream());
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Everything up to and with the line that ends an answer.
    String answer() throws IOException {
      var out = new StringBuilder();
      while (true) {
        String line = line();
        out.append(line);
        if (line.isEmpty() || line.matches("(?s)(OK|NO|BYE)\\b.*")) return out.toString();
      }
    }

    private String line() throws IOException {
      var out = new java.io.ByteArrayOutputStream();
      int octet;
      while ((octet = in.read()) >= 0) {
        out.write(octet);
        if (octet == '\n') break;
      }
      return out.toString(StandardCharsets.UTF_8);
    }

    String call(String command) throws IOException {
      send(command + "\r\n");
      return answer();
    }

    Peer login() throws IOException {
      assertThat(answer()).endsWith("OK \"Mailstead is ready\"\r\n");
      assertThat(call("AUTHENTICATE \"PLAIN\" \"" + plain("anna@example.test", password()) + "\""))
          .isEqualTo("OK\r\n");
      return this;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String password() {
    return CoreFixture.PASSWORD_OF_ANNA;
  }

  private static String plain(String name, String password) {
    return Base64.getEncoder()
        .encodeToString(("\0" + name + "\0" + password).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("RFC 5804 §1.7: capabilities as greeting and by command")
  void capabilities() throws IOException {
    try (var peer = new Peer()) {
      assertThat(peer.answer())
          .contains("\"SIEVE\" \"fileinto reject", "\"SASL\" \"PLAIN\"\r\n", "\"VERSION\" \"1.0\"")
          .doesNotContain("STARTTLS", "OWNER");
      assertThat(peer.call("NOOP \"x y\"")).isEqualTo("OK (TAG \"x y\") \"Done\"\r\n");
      assertThat(peer.call("listscripts")).isEqualTo("NO \"Log in first\"\r\n");
      assertThat(peer.call("AUTHENTICATE \"PLAIN\" {" + 4 + "+}\r\nAAAA")).startsWith("NO ");
      assertThat(peer.call("LOGOUT")).isEqualTo("OK \"Goodbye\"\r\n");
      assertThat(peer.answer()).isEmpty();
    }
    try (var peer = new Peer()) {
      peer.login();
      assertThat(peer.call("CAPABILITY")).contains("\"OWNER\" \"anna@example.test\"\r\n");
      assertThat(peer.call("UNAUTHENTICATE")).isEqualTo("OK\r\n");
      assertThat(peer.call("LISTSCRIPTS")).startsWith("NO ");
    }
  }

  @Test
  void scripts() throws IOException {
    try (var peer = new Peer()) {
      peer.login();
      String script = "require \"fileinto\";\r\nfileinto \"Ä\";\r\n";
      int length = script.getBytes(StandardCharsets.UTF_8).length;
      assertThat(peer.call("HAVESPACE \"a\" 1000")).isEqualTo("OK\r\n");
      assertThat(peer.call("PUTSCRIPT \"a\" {" + length + "+}\r\n" + script)).isEqualTo("OK\r\n");
      assertThat(peer.call("PUTSCRIPT {3+}\r\nb\"b \"keep;\"")).isEqualTo("OK\r\n");
      assertThat(peer.call("SETACTIVE \"a\"")).isEqualTo("OK\r\n");
      assertThat(peer.call("LISTSCRIPTS")).isEqualTo("\"a\" ACTIVE\r\n\"b\\\"b\"\r\nOK\r\n");
      assertThat(peer.call("GETSCRIPT \"a\""))
          .isEqualTo("{" + length + "}\r\n" + script + "\r\nOK\r\n");
      assertThat(peer.call("GETSCRIPT \"none\"")).startsWith("NO (NONEXISTENT) ");
      assertThat(peer.call("SETACTIVE \"none\"")).startsWith("NO (NONEXISTENT) ");
      assertThat(peer.call("DELETESCRIPT \"a\"")).startsWith("NO (ACTIVE) ");
      assertThat(peer.call("RENAMESCRIPT \"a\" \"b\\\"b\"")).startsWith("NO (ALREADYEXISTS) ");
      assertThat(peer.call("RENAMESCRIPT \"a\" \"c\"")).isEqualTo("OK\r\n");
      assertThat(new MailboxScripts(core.mailbox(core.anna())).list())
          .contains(new MailboxScripts.Listed("c", true));
      assertThat(peer.call("SETACTIVE \"\"")).isEqualTo("OK\r\n");
      assertThat(peer.call("DELETESCRIPT \"c\"")).isEqualTo("OK\r\n");
      assertThat(peer.call("CHECKSCRIPT \"keep;\"")).isEqualTo("OK\r\n");
      assertThat(peer.call("CHECKSCRIPT \"frob;\""))
          .isEqualTo("NO \"line 1, column 1: unknown command \\\"frob\\\"\"\r\n");
      assertThat(peer.call("PUTSCRIPT \"bad\" \"if\"")).startsWith("NO \"line 1, column ");
      assertThat(peer.call("PUTSCRIPT \"x\u0001y\" \"keep;\"")).startsWith("NO ");
    }
  }

  @Test
  void whatIsMalformedOrTooLongIsSaidAndPassedOver() throws IOException {
    try (var peer = new Peer()) {
      peer.login();
      assertThat(peer.call("FROB \"x\"")).isEqualTo("NO \"unknown command\"\r\n");
      assertThat(peer.call("HAVESPACE \"x\"")).isEqualTo("NO \"a number was expected\"\r\n");
      assertThat(peer.call("NOOP \"a\" \"b\"")).isEqualTo("NO \"too many arguments\"\r\n");
      assertThat(peer.call("NOOP \"open")).startsWith("NO ");
      assertThat(peer.call("GETSCRIPT \"" + "x".repeat(2_000) + "\"")).startsWith("NO ");
      int length = SieveLimits.SCRIPT_BYTES_MAX + 1;
      assertThat(peer.call("PUTSCRIPT \"x\" {" + length + "+}\r\n" + "#".repeat(length)))
          .isEqualTo("NO \"a script is too long\"\r\n");
      assertThat(peer.call("HAVESPACE \"x\" " + length)).startsWith("NO (QUOTA/MAXSIZE) ");
      assertThat(peer.call("NOOP")).isEqualTo("OK \"Done\"\r\n");
      assertThat(peer.call("PUTSCRIPT \"x\" {99999999+}")).isEqualTo("BYE \"Too long\"\r\n");
    }
    try (var peer = new Peer()) {
      peer.answer();
      assertThat(peer.call("NOOP " + " ".repeat(10_000))).isEqualTo("BYE \"Too long\"\r\n");
    }
    try (var peer = new Peer()) {
      peer.answer();
      String last = "";
      for (int i = 0; i < ManageSieveLimits.ERRORS_MAX; i++) last = peer.call("FROB");
      assertThat(last + peer.answer()).contains("BYE \"Too many errors\"");
    }
  }

  @Test
  void wrongPasswordsEndTheSession() throws IOException {
    try (var peer = new Peer()) {
      peer.answer();
      String wrong = "AUTHENTICATE \"PLAIN\" \"" + plain("anna@example.test", "wrong") + "\"";
      assertThat(peer.call(wrong)).isEqualTo("NO \"The name or the password is wrong\"\r\n");
      assertThat(peer.call("AUTHENTICATE \"LOGIN\"")).startsWith("NO ");
      peer.send("AUTHENTICATE \"PLAIN\"\r\n");
      peer.send("\"*\"\r\n");
      assertThat(peer.answer()).isEqualTo("\"\"\r\nNO \"The login was cancelled\"\r\n");
      peer.call(wrong);
      assertThat(peer.call(wrong) + peer.answer()).contains("BYE \"Too many logins\"");
    }
  }

  @Test
  void withoutTlsNoPasswordsAndSlowPeersGo() throws IOException {
    serve(ManageSieveLimits.STANDARD.withLoginTimeout(Duration.ofMillis(300)), false);
    try (var peer = new Peer()) {
      assertThat(peer.answer()).contains("\"SASL\" \"\"\r\n");
      assertThat(peer.call("AUTHENTICATE \"PLAIN\" \"AAAA\"")).startsWith("NO (ENCRYPT-NEEDED) ");
      assertThat(peer.call("STARTTLS")).startsWith("NO ");
      assertThat(peer.answer()).startsWith("BYE \"Too slow");
    }
    serve(ManageSieveLimits.STANDARD.withSessionCounts(1, 1), false);
    try (var first = new Peer();
        var second = new Peer()) {
      assertThat(first.answer()).endsWith("ready\"\r\n");
      assertThat(second.answer()).startsWith("BYE (TRYLATER)");
    }
  }
}
