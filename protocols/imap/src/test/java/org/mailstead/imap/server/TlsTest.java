package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapLimits;

/// STARTTLS, TLS at once, and logins without either.
@Timeout(60)
final class TlsTest {
  private static final char[] STORE_PASSWORD = "changeit".toCharArray();

  @TempDir static Path shared = Path.of(".");
  @TempDir Path temp = Path.of(".");

  /// A self-signed certificate for localhost, made by the JDK's own tool.
  @BeforeAll
  static void makeCertificate() throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "imap",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "SAN=dns:localhost,ip:127.0.0.1",
                    "-validity",
                    "2",
                    "-storepass",
                    "changeit",
                    "-keystore",
                    shared.resolve("tls.p12").toString()))
            .redirectErrorStream(true)
            .redirectOutput(shared.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(shared.resolve("keytool.log"))).isZero();
  }

  private static SSLContext context() {
    try (var in = Files.newInputStream(shared.resolve("tls.p12"))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, STORE_PASSWORD);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, STORE_PASSWORD);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private ImapFixture fixture() {
    return new ImapFixture(temp, ImapLimits.STANDARD, false, Optional.of(TlsTest::context));
  }

  @Test
  void passwordsAreTakenUnderTlsOnly() throws IOException {
    try (ImapFixture fixture = fixture();
        ImapClient client =
            ImapClient.connect(fixture.address(), Optional.empty(), Duration.ofSeconds(20))) {
      assertThat(client.capabilities()).contains("STARTTLS", "LOGINDISABLED");
      assertThat(client.capabilities()).doesNotContain("AUTH=PLAIN");
      ClientCommand.Login login = new ClientCommand.Login("ann", ImapFixture.PASSWORD);
      assertThat(client.execute(login).status().code()).isEqualTo("PRIVACYREQUIRED");
      client.startTls(context());
      assertThat(client.capabilities()).contains("AUTH=PLAIN");
      assertThat(client.capabilities()).doesNotContain("STARTTLS", "LOGINDISABLED");
      assertThat(client.execute(login).isOk()).isTrue();
      assertThat(client.execute(new ClientCommand.Select("INBOX", false)).isOk()).isTrue();
    }
  }

  @Test
  void tlsAtOnceNeedsNoStartTls() throws IOException {
    try (ImapFixture fixture = fixture()) {
      var address =
          fixture
              .server()
              .listen(
                  new java.net.InetSocketAddress("127.0.0.1", 0), ImapServer.Security.IMPLICIT_TLS);
      try (ImapClient client =
          ImapClient.connect(
              new java.net.InetSocketAddress("localhost", address.getPort()),
              Optional.of(context()),
              Duration.ofSeconds(20))) {
        assertThat(client.capabilities()).contains("AUTH=PLAIN").doesNotContain("STARTTLS");
        assertThat(client.execute(new ClientCommand.Login("ann", ImapFixture.PASSWORD)).isOk())
            .isTrue();
      }
    }
  }

  @Test
  void whatIsInjectedAfterStartTlsInPlainTextIsThrownAway() throws IOException {
    try (ImapFixture fixture = fixture();
        Socket socket = new Socket(fixture.address().getAddress(), fixture.address().getPort())) {
      socket.setSoTimeout(20_000);
      BufferedReader plain = reader(socket);
      assertThat(plain.readLine()).startsWith("* OK");
      // One packet: what follows STARTTLS must not be read as if it had come under TLS.
      write(socket, "a STARTTLS\r\nb CREATE injected\r\nc NOOP\r\n");
      assertThat(plain.readLine()).startsWith("a OK");
      SSLSocket secured =
          (SSLSocket)
              context()
                  .getSocketFactory()
                  .createSocket(socket, "localhost", socket.getPort(), true);
      secured.startHandshake();
      BufferedReader in = reader(secured);
      write(secured, "d NOOP\r\n");
      assertThat(in.readLine()).startsWith("d OK");
    }
  }

  @Test
  void aCertificateIsAskedForAtEachHandshake() throws IOException {
    int[] asked = new int[1];
    try (ImapFixture fixture =
        new ImapFixture(
            temp,
            ImapLimits.STANDARD,
            false,
            Optional.of(() -> {
              asked[0]++;
              return context();
            }))) {
      for (int i = 0; i < 2; i++) {
        try (ImapClient client =
            ImapClient.connect(fixture.address(), Optional.empty(), Duration.ofSeconds(20))) {
          client.startTls(context());
          assertThat(client.capabilities()).containsAll(Set.of("AUTH=PLAIN"));
        }
      }
      assertThat(asked[0]).isEqualTo(2);
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }
}
