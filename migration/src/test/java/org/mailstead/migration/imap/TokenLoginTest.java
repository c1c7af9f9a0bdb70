package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Microsoft's side of the wire, as far as a login goes: a token endpoint and an IMAP server that
/// takes XOAUTH2.
final class TokenLoginTest {
  @TempDir Path folder;

  private final List<String> forms = new ArrayList<>();
  private final AtomicReference<String> tokenAnswer = new AtomicReference<>("");
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.ofEpochSecond(1_800_000_000));

  private HttpServer tokenEndpoint() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext(
        "/token",
        exchange -> {
          forms.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          String text = tokenAnswer.get();
          int code = text.contains("access_token") ? 200 : 401;
          byte[] body = text.replace("#", "" + forms.size()).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(code, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private TokenSource tokens(HttpServer endpoint) {
    return new TokenSource(
        new TokenSource.Client(
            URI.create("http://127.0.0.1:" + endpoint.getAddress().getPort() + "/token"),
            "client",
            new Secret("s~e!c#r&t"),
            "scope/.default"),
        now::get);
  }

  @Test
  void aTokenIsKeptAndRenewedBeforeItEnds() throws IOException {
    HttpServer endpoint = tokenEndpoint();
    try {
      tokenAnswer.set("{\"access_token\":\"token-#\",\"expires_in\":3600}");
      TokenSource tokens = tokens(endpoint);
      assertThat(tokens.token().value()).isEqualTo("token-1");
      assertThat(tokens.token().value()).isEqualTo("token-1");
      assertThat(tokens.token().toString()).isEqualTo("***");
      now.set(now.get().plusSeconds(3_400));
      assertThat(tokens.token().value()).isEqualTo("token-2");
      assertThat(forms.getFirst())
          .contains("grant_type=client_credentials")
          .contains("client_secret=s%7Ee%21c%23r%26t");
    } finally {
      endpoint.stop(0);
    }
  }

  @Test
  void aWrongSecretIsExplained() throws IOException {
    HttpServer endpoint = tokenEndpoint();
    try {
      tokenAnswer.set(
          "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace ID: x\"}");
      assertThatThrownBy(() -> tokens(endpoint).token())
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("the Value is needed")
          .hasMessageNotContaining("s~e!c#r&t");
    } finally {
      endpoint.stop(0);
    }
  }

  /// One connection: greeting, then a fixed answer to each line.
  private static ServerSocket imap(List<String> heard, List<String> answers) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = listener.accept();
              OutputStream out = socket.getOutputStream();
              BufferedReader in =
                  new BufferedReader(
                      new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            out.write(
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            for (String answer : answers) {
              String line = in.readLine();
              if (line == null) return;
              heard.add(line);
              out.write(answer.getBytes(StandardCharsets.US_ASCII));
            }
          } catch (IOException e) {
            // The client has heard enough.
            return;
          }
        });
    return listener;
  }

  private ImapMailbox mailbox(int port, TokenSource tokens) {
    return new ImapMailbox(
        new ImapServerAddress(
            "127.0.0.1",
            port,
            ImapServerAddress.Security.PLAIN,
            Optional.empty(),
            Provider.MICROSOFT365,
            Duration.ofSeconds(10)),
        new ImapLogin.Bearer("anna@example.org", tokens),
        new ContentSpool(folder, 1 << 16));
  }

  @Test
  void theLoginSpeaksXoauth2AndUnderstandsItsRefusal() throws IOException {
    HttpServer endpoint = tokenEndpoint();
    List<String> heard = new ArrayList<>();
    tokenAnswer.set("{\"access_token\":\"token-#\",\"expires_in\":3600}");
    try (ServerSocket server =
            imap(
                heard,
                List.of("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n", "m1 NO AUTHENTICATE failed.\r\n"));
        ImapMailbox mailbox = mailbox(server.getLocalPort(), tokens(endpoint))) {
      assertThatThrownBy(mailbox::folders)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("refuses the login");
      String response = heard.getFirst().substring("m1 AUTHENTICATE XOAUTH2 ".length());
      assertThat(new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8))
          .isEqualTo("user=anna@example.org\u0001auth=Bearer token-1\u0001\u0001");
      assertThat(heard.get(1)).isEmpty();
    } finally {
      endpoint.stop(0);
    }
  }

  @Test
  void aThrottleHintIsTakenAtItsWord() throws IOException {
    HttpServer endpoint = tokenEndpoint();
    tokenAnswer.set("{\"access_token\":\"token-#\",\"expires_in\":3600}");
    try (ServerSocket server =
            imap(
                new ArrayList<>(),
                List.of(
                    "m1 NO [UNAVAILABLE] Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n"));
        ImapMailbox mailbox = mailbox(server.getLocalPort(), tokens(endpoint))) {
      assertThatThrownBy(mailbox::folders)
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofMillis(299_961)));
    } finally {
      endpoint.stop(0);
    }
  }
}
