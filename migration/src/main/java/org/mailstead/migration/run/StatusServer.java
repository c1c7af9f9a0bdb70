package org.mailstead.migration.run;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// Answers GET with the state of a run as JSON, for monitoring. It reads no bodies, keeps few
/// connections, and waits for nobody longer than [#SECONDS_MAX].
final class StatusServer implements AutoCloseable {
  /// Requests answered at once; one more is told to come later.
  static final int REQUESTS_MAX = 16;

  static final int CONNECTIONS_MAX = 64;
  static final int SECONDS_MAX = 10;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore free = new Semaphore(REQUESTS_MAX);
  private final Supplier<String> json;

  /// @throws IOException the address cannot be listened on; the text names it
  StatusServer(InetSocketAddress address, Supplier<String> json) throws IOException {
    this.json = json;
    // The JDK's server has no other way to be told; nothing else of this process uses it.
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(SECONDS_MAX));
    System.setProperty("sun.net.httpserver.maxRspTime", Integer.toString(SECONDS_MAX));
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
    try {
      server = HttpServer.create(address, CONNECTIONS_MAX);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s:%d: %s"
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean taken = free.tryAcquire();
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      if (!taken) {
        exchange.getResponseHeaders().set("Retry-After", "1");
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      byte[] body = json.get().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (method.equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } finally {
      if (taken) free.release();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
