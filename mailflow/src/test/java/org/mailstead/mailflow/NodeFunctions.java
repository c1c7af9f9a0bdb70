package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;
import org.mailstead.core.flow.FlowMessages;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Functions in a Node process that serves the Invoke API, and the part of the message-flow API
/// that they need: `GET` and `PUT /<message id>`. The real one is tested where it is.
final class NodeFunctions implements AutoCloseable {
  private final Process process;
  private final HttpServer contents;
  private final URI uri;

  /// Skips the test where there is no Node.
  NodeFunctions(Supplier<FlowMessages> messages) throws IOException {
    assumeTrue(isThere(), "skipped: Debian's nodejs is not installed");
    contents = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    contents.createContext("/", exchange -> content(exchange, messages.get()));
    contents.start();
    Path folder = Path.of(URI.create(resource("runtime.cjs"))).getParent();
    ProcessBuilder builder =
        new ProcessBuilder("node", folder.resolve("runtime.cjs").toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder
        .environment()
        .put("MESSAGES", "http://127.0.0.1:" + contents.getAddress().getPort() + "/");
    process = builder.start();
    var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    uri = URI.create("http://127.0.0.1:" + out.readLine());
  }

  private static boolean isThere() {
    try {
      return new ProcessBuilder("node", "-v")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String resource(String name) {
    var url = NodeFunctions.class.getResource("/functions/" + name);
    assertThat(url).isNotNull();
    return url.toString();
  }

  URI uri() {
    return uri;
  }

  /// The calls so far, with `name`, `event` and `headers`.
  List<JsonNode> calls() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String text =
          client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      List<JsonNode> calls = new ArrayList<>();
      JsonMapper.builder().build().readTree(text).forEach(calls::add);
      return calls;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void content(HttpExchange exchange, FlowMessages messages) throws IOException {
    String id = exchange.getRequestURI().getPath().substring(1);
    byte[] answer;
    int status = 200;
    try (exchange) {
      try {
        if (exchange.getRequestMethod().equals("GET")) {
          try (Content content = messages.open(messages.find(id).orElseThrow())) {
            answer = content.open().readAllBytes();
          }
        } else {
          messages.replace(id, Content.of(exchange.getRequestBody().readAllBytes()));
          answer = new byte[0];
        }
      } catch (RefusedException e) {
        status = 400;
        answer = e.publicText().getBytes(StandardCharsets.UTF_8);
      }
      exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    contents.stop(0);
  }
}
