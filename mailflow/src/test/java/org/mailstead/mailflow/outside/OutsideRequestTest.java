package org.mailstead.mailflow.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailstead.mailflow.TestCertificate;

final class OutsideRequestTest {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("collector.example");
  private static final InetAddress OUTSIDE = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress INSIDE = InetAddress.ofLiteral("127.0.0.2");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpsServer server;

  @BeforeEach
  void start() throws IOException {
    // On every address of this machine: only the address that is connected to tells them apart.
    server = HttpsServer.create(new InetSocketAddress(0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(CERTIFICATE.context()));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            seen.add(
                exchange.getLocalAddress().getAddress().getHostAddress()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Host")
                    + " "
                    + exchange.getRequestURI()
                    + " "
                    + body);
            exchange.getResponseHeaders().set("Location", "https://elsewhere.example/");
            exchange.sendResponseHeaders(302, -1);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI uri(String host) {
    return URI.create("https://" + host + ":" + server.getAddress().getPort() + "/a?b=%20c");
  }

  @Test
  void aNameThatMeansSomethingElseTheSecondTimeIsAskedOnceOnly() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    OutsideRequest outside =
        new OutsideRequest(
            CERTIFICATE.context(),
            _ -> new InetAddress[] {asked.getAndIncrement() == 0 ? OUTSIDE : INSIDE},
            OUTSIDE::equals);
    OutsideRequest.Answer answer =
        outside.send("POST", uri("collector.example"), Map.of(), "hello".getBytes(), PATIENCE);
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.field("location")).contains("https://elsewhere.example/");
    int port = server.getAddress().getPort();
    assertThat(seen).containsExactly("127.0.0.1 collector.example:" + port + " /a?b=%20c hello");
    assertThat(asked).hasValue(1);
    assertThatThrownBy(
            () -> outside.send("GET", uri("collector.example"), Map.of(), new byte[0], PATIENCE))
        .hasMessageContaining("not public");
    assertThat(seen).hasSize(1);
  }

  @Test
  void oneAddressOfTheInsideIsEnoughToRefuse() {
    OutsideRequest outside =
        new OutsideRequest(
            CERTIFICATE.context(), _ -> new InetAddress[] {OUTSIDE, INSIDE}, OUTSIDE::equals);
    assertThatThrownBy(
            () -> outside.send("GET", uri("collector.example"), Map.of(), new byte[0], PATIENCE))
        .hasMessageContaining("not public");
    assertThat(seen).isEmpty();
  }

  @Test
  void theCertificateMustBeTheNames() {
    OutsideRequest outside =
        new OutsideRequest(
            CERTIFICATE.context(), _ -> new InetAddress[] {OUTSIDE}, OUTSIDE::equals);
    assertThatThrownBy(
            () -> outside.send("GET", uri("other.example"), Map.of(), new byte[0], PATIENCE))
        .isInstanceOf(SSLException.class);
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-x\r\n",
        "HTTP/1.1 2xx\r\n\r\n",
        "HTTP/1.1 200 OK\r\nLocation: x",
        "HTTP/1.1 100 C\r\n\r\n"
      })
  void whatIsNotHttpIsAnError(String said) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, OUTSIDE)) {
      answer(listener, said);
      assertThatThrownBy(() -> ask(listener)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void headsHaveAnEnd() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, OUTSIDE)) {
      answer(listener, "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(10_000));
      assertThatThrownBy(() -> ask(listener)).hasMessageContaining("too long");
    }
    try (ServerSocket listener = new ServerSocket(0, 5, OUTSIDE)) {
      answer(listener, "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 None\r\nX: y\r\n\r\n");
      assertThat(ask(listener)).isEqualTo(new OutsideRequest.Answer(204, Map.of("x", "y")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00::1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "::",
        "::ffff:10.0.0.1"
      })
  void addressesOfTheInside(String address) {
    assertThat(OutsideRequest.isPublic(InetAddress.ofLiteral(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "8.8.8.8", "100.128.0.1", "2001:db8::1", "2a00::1"})
  void addressesOfTheOutside(String address) {
    assertThat(OutsideRequest.isPublic(InetAddress.ofLiteral(address))).isTrue();
  }

  private static OutsideRequest.Answer ask(ServerSocket listener) throws IOException {
    return new OutsideRequest(
            CERTIFICATE.context(), _ -> new InetAddress[] {OUTSIDE}, OUTSIDE::equals)
        .send(
            "GET",
            URI.create("http://any.example:" + listener.getLocalPort()),
            Map.of(),
            new byte[0],
            PATIENCE);
  }

  private static void answer(ServerSocket listener, String said) {
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = listener.accept()) {
            socket.getInputStream().read();
            socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
          } catch (IOException e) {
            // The other side has heard enough.
          }
        });
  }
}
