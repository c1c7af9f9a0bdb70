package org.mailstead.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

final class HttpServerTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final HttpListener PLAIN = new HttpListener("plain", LOOPBACK, 0, false);
  private static final HttpListener TLS = new HttpListener("tls", LOOPBACK, 0, true);
  private static final HttpHandler SHOW =
      request ->
          HttpResponse.text(
              200,
              String.join(
                  " ",
                  request.method(),
                  request.path(),
                  "[" + request.query() + "]",
                  request.headers().first("host").orElse("no host"),
                  new String(request.body(), UTF_8),
                  Thread.currentThread().isVirtual() ? "virtual" : "platform",
                  request.peer().getAddress().isLoopbackAddress() ? "loopback" : "far",
                  request.secure() ? "secure" : "plain"));

  private final HttpLimits limits = HttpLimits.STANDARD;

  @TempDir Path folder;

  @Test
  void healthAnswersAsSoonAsTheServerHasStarted() throws Exception {
    try (HttpServer server = plain(Routes.health(), limits)) {
      assertThat(get(server, "/health")).contains("HTTP/1.1 200", "ok");
      assertThat(exchange(server, "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"))
          .contains(" 405 ", "Allow: GET, HEAD");
    }
  }

  @Test
  void aHandlerSeesTheRequestAsSentOnAVirtualThread() throws Exception {
    try (HttpServer server = plain(Routes.health().prefix("/x/", 10, SHOW), limits)) {
      String answer =
          exchange(
              server,
              "POST /x/a%20b?c=%2F&d HTTP/1.1\r\nHost: example:1\r\nContent-Length: 4\r\n",
              "body");
      assertThat(answer).contains("POST /x/a%20b [c=%2F&d] example:1 body virtual loopback plain");
      assertThat(answer).doesNotContainIgnoringCase("jetty");
    }
  }

  @Test
  void anExactRouteWinsThenTheLongestPrefixAndTheRestIsNotFound() throws Exception {
    Routes routes =
        Routes.health()
            .prefix("/a/", 0, r -> HttpResponse.text(200, "short"))
            .prefix("/a/b/", 0, r -> HttpResponse.text(200, "long"))
            .exact("/a/b/c", 0, r -> HttpResponse.text(200, "exact"));
    try (HttpServer server = plain(routes, limits)) {
      assertThat(get(server, "/a/x")).contains("short");
      assertThat(get(server, "/a/b/x")).contains("long");
      assertThat(get(server, "/a/b/c")).contains("exact");
      assertThat(get(server, "/b")).contains(" 404 ");
    }
  }

  @Test
  void overTlsHttp2IsSpokenAndTheAuthorityIsShownAsHost() throws Exception {
    TestTls tls = TestTls.make(folder, "one");
    try (HttpServer server = secure(Routes.health().exact("/", 100, SHOW), tls::server);
        HttpClient client = HttpClient.newBuilder().sslContext(tls.client()).build()) {
      URI uri = URI.create("https://localhost:" + server.port("tls") + "/?q=1");
      var answer =
          client.send(
              java.net.http.HttpRequest.newBuilder(uri)
                  .POST(BodyPublishers.ofString("content"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body())
          .isEqualTo(
              "POST / [q=1] localhost:" + server.port("tls") + " content virtual loopback secure");
    }
  }

  @Test
  void aNewCertificateIsShownToNewConnectionsAndOpenOnesStay() throws Exception {
    TestTls one = TestTls.make(folder, "one");
    TestTls two = TestTls.make(folder, "two");
    AtomicReference<SSLContext> current = new AtomicReference<>(one.server());
    SSLContext both = TestTls.trusting(one.certificate(), two.certificate());
    try (HttpServer server = secure(Routes.health(), current::get);
        Socket before = both.getSocketFactory().createSocket(LOOPBACK, server.port("tls"))) {
      assertThat(round(before, "GET /health HTTP/1.1\r\nHost: a\r\n", "")).contains(" 200 ");
      current.set(two.server());
      server.reloadTls();
      assertThat(round(before, "GET /health HTTP/1.1\r\nHost: a\r\n", "")).contains(" 200 ");
      try (var after =
          (javax.net.ssl.SSLSocket)
              both.getSocketFactory().createSocket(LOOPBACK, server.port("tls"))) {
        after.startHandshake();
        assertThat(after.getSession().getPeerCertificates()[0]).isEqualTo(two.certificate());
      }
    }
  }

  @Test
  void plainHttpIsForLoopbackOnly() throws Exception {
    InetAddress everywhere = InetAddress.getByName("0.0.0.0");
    assertThatThrownBy(() -> new HttpListener("api", everywhere, 0, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback");
    assertThat(new HttpListener("api", everywhere, 0, true).tls()).isTrue();
  }

  @Test
  void aPortInUseStopsTheStartWithAClearText() {
    try (HttpServer first = plain(Routes.health(), limits);
        HttpServer second =
            new HttpServer(
                new HttpSettings(
                    List.of(new HttpListener("api", LOOPBACK, first.port("plain"), false)), limits),
                Routes.health(),
                Optional.empty())) {
      assertThatThrownBy(second::start)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining(Integer.toString(first.port("plain")));
    }
  }

  @Test
  void failuresOfAHandlerAreAnsweredByTheirKindAndABugTellsNothing() throws Exception {
    Routes routes =
        Routes.health()
            .exact("/malformed", 0, r -> fail(new MalformedException("secret")))
            .exact("/refused", 0, r -> fail(new RefusedException(Refusal.FORBIDDEN, "no", "log")))
            .exact("/down", 0, r -> fail(new UnavailableException("secret", Duration.ofSeconds(7))))
            .exact("/bug", 0, r -> fail(new IllegalStateException("secret")));
    try (HttpServer server = plain(routes, limits)) {
      assertThat(get(server, "/malformed")).contains(" 400 ").doesNotContain("secret");
      assertThat(get(server, "/refused")).contains(" 403 ", "no").doesNotContain("log");
      assertThat(get(server, "/down")).contains(" 503 ", "Retry-After: 7").doesNotContain("secret");
      assertThat(get(server, "/bug")).contains(" 500 ").doesNotContain("secret");
    }
  }

  @Test
  void limitOfTheBodyAnnouncedOrChunked() throws Exception {
    try (HttpServer server = plain(Routes.health().exact("/", 10, SHOW), limits)) {
      String exact = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n";
      assertThat(exchange(server, exact, "0123456789")).contains(" 200 ", "0123456789");
      String announced = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n";
      assertThat(exchange(server, announced)).contains(" 413 ", "Connection: close");
      String chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
      assertThat(exchange(server, chunked, "a\r\n0123456789\r\n0\r\n\r\n"))
          .contains(" 200 ", "0123456789");
      assertThat(exchange(server, chunked, "b\r\n0123456789a\r\n0\r\n\r\n")).contains(" 413 ");
      String huge = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n";
      assertThat(exchange(server, huge)).contains(" 413 ");
    }
  }

  @Test
  void limitOfTheHeader() throws Exception {
    try (HttpServer server = plain(Routes.health(), limits)) {
      String line = "X-Long: " + "x".repeat(limits.headerBytesMax()) + "\r\n";
      assertThat(exchange(server, "GET /health HTTP/1.1\r\nHost: a\r\n" + line)).contains(" 431 ");
      String path = "/" + "x".repeat(limits.headerBytesMax());
      assertThat(exchange(server, "GET " + path + " HTTP/1.1\r\nHost: a\r\n")).contains(" 414 ");
    }
  }

  @Test
  void limitOfTheTimeOfABody() throws Exception {
    HttpLimits hasty =
        new HttpLimits(
            limits.headerBytesMax(), limits.idleMax(), Duration.ofMillis(1), 100, 100, 100);
    try (HttpServer server = plain(Routes.health().exact("/", 1 << 30, SHOW), hasty);
        Socket socket = connect(server)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n".getBytes(US_ASCII));
      // Byte by byte, as fast as can be, until the server has had enough.
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      try {
        while (socket.getInputStream().available() == 0 && System.nanoTime() < deadline) {
          out.write('x');
          out.flush();
        }
      } catch (SocketException e) {
        // The server has closed the connection after its answer.
      }
      assertThat(read(socket)).contains(" 408 ");
    }
  }

  @Test
  void limitOfIdleTime() throws Exception {
    HttpLimits restless =
        new HttpLimits(16_384, Duration.ofMillis(200), Duration.ofSeconds(60), 100, 100, 100);
    try (HttpServer server = plain(Routes.health(), restless);
        Socket silent = connect(server);
        Socket half = connect(server)) {
      half.getOutputStream().write("GET /health HT".getBytes(US_ASCII));
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(read(half)).doesNotContain(" 200 ");
    }
  }

  @Test
  void limitOfConnections() throws Exception {
    HttpLimits few = new HttpLimits(16_384, limits.idleMax(), limits.bodyTimeMax(), 2, 100, 100);
    try (HttpServer server = plain(Routes.health(), few);
        Socket two = connect(server)) {
      Socket one = connect(server);
      String health = "GET /health HTTP/1.1\r\nHost: a\r\n";
      assertThat(round(one, health, "")).contains(" 200 ");
      assertThat(round(two, health, "")).contains(" 200 ");
      try (Socket three = connect(server)) {
        three.setSoTimeout(300);
        assertThatThrownBy(() -> round(three, health, ""))
            .isInstanceOfAny(SocketTimeoutException.class, SocketException.class);
        one.close();
        three.setSoTimeout(30_000);
        assertThat(readOne(three)).contains(" 200 ");
      }
    }
  }

  @Test
  void limitOfRequestsAtOnce() throws Exception {
    HttpLimits one = new HttpLimits(16_384, limits.idleMax(), limits.bodyTimeMax(), 100, 1, 100);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Routes routes =
        Routes.health()
            .exact(
                "/wait",
                0,
                request -> {
                  entered.countDown();
                  await(leave);
                  return HttpResponse.text(200, "done");
                });
    try (HttpServer server = plain(routes, one);
        Socket first = connect(server)) {
      first.getOutputStream().write("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      await(entered);
      assertThat(get(server, "/health")).contains(" 503 ", "Retry-After: 1");
      leave.countDown();
      assertThat(readOne(first)).contains(" 200 ");
      assertThat(get(server, "/health")).contains(" 200 ");
    }
  }

  @Test
  void limitsAreNeverZero() {
    assertThatThrownBy(() -> new HttpLimits(0, limits.idleMax(), limits.bodyTimeMax(), 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aValueCannotEndItsHeaderLine() {
    HttpResponse response = HttpResponse.text(200, "");
    assertThatThrownBy(() -> response.with("X-A", "b\r\nSet-Cookie: c"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headHasTheLengthAndNoBody() throws Exception {
    try (HttpServer server = plain(Routes.health(), limits)) {
      String answer = exchange(server, "HEAD /health HTTP/1.1\r\nHost: a\r\n");
      assertThat(answer).contains(" 200 ", "Content-Length: 3").doesNotContain("ok\n");
    }
  }

  private static HttpResponse fail(RuntimeException exception) {
    throw exception;
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, java.util.concurrent.TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited in vain");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpServer plain(Routes routes, HttpLimits limits) {
    HttpServer server =
        new HttpServer(new HttpSettings(List.of(PLAIN), limits), routes, Optional.empty());
    server.start();
    return server;
  }

  private HttpServer secure(Routes routes, Supplier<SSLContext> contexts) {
    HttpServer server =
        new HttpServer(new HttpSettings(List.of(TLS), limits), routes, Optional.of(contexts));
    server.start();
    return server;
  }

  private static Socket connect(HttpServer server) throws IOException {
    Socket socket = new Socket(LOOPBACK, server.port("plain"));
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static String get(HttpServer server, String path) throws IOException {
    return exchange(server, "GET " + path + " HTTP/1.1\r\nHost: a\r\n");
  }

  private static String exchange(HttpServer server, String head) throws IOException {
    return exchange(server, head, "");
  }

  /// One request on a connection of its own, and all that comes back.
  private static String exchange(HttpServer server, String head, String body) throws IOException {
    try (Socket socket = connect(server)) {
      OutputStream out = socket.getOutputStream();
      out.write((head + "Connection: close\r\n\r\n" + body).getBytes(UTF_8));
      out.flush();
      return read(socket);
    }
  }

  private static String round(Socket socket, String head, String body) throws IOException {
    socket.getOutputStream().write((head + "\r\n" + body).getBytes(UTF_8));
    return readOne(socket);
  }

  /// An answer of `/health` or of the test's own handlers: it ends with its short body.
  private static String readOne(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (true) {
      int c = in.read();
      if (c < 0) return text.toString();
      text.append((char) c);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      var length =
          java.util.regex.Pattern.compile("Content-Length: (\\d+)").matcher(text.toString());
      if (length.find() && text.length() == end + 4 + Integer.parseInt(length.group(1))) {
        return text.toString();
      }
    }
  }

  private static String read(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int c = in.read(); c >= 0; c = in.read()) text.append((char) c);
    } catch (SocketException e) {
      // A reset after the answer, because the server did not read the whole body.
    }
    return text.toString();
  }
}
