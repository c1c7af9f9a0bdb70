package org.mailstead.mailflow.domains;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.mailflow.outside.OutsideRequest;

@DisplayName("DOM-2: phases 2 and 3 of the autodiscover check")
class AutodiscoverProbeTest {
  private HttpServer server;
  private volatile int postStatus = 401;
  private volatile String location = "https://mx.example/autodiscover/autodiscover.xml";

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            if (exchange.getRequestMethod().equals("POST")) {
              exchange.sendResponseHeaders(postStatus, -1);
            } else {
              exchange.getResponseHeaders().set("Location", location);
              exchange.sendResponseHeaders(302, -1);
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private AutodiscoverProbe probe() throws Exception {
    return new AutodiscoverProbe(
        new OutsideRequest(SSLContext.getDefault(), InetAddress::getAllByName, _ -> true),
        uri ->
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + uri.getHost()));
  }

  @Test
  void bothAnswer() throws Exception {
    assertThat(probe().missing("shop.example")).isEmpty();
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    postStatus = 404;
    assertThat(probe().missing("shop.example").orElseThrow())
        .contains("phase 2")
        .doesNotContain("phase 3");
    location = "http://mx.example/";
    assertThat(probe().missing("shop.example").orElseThrow()).contains("phase 2", "phase 3");
  }

  @Test
  void serversOfTheInsideAreNotAsked() throws Exception {
    var outside = new OutsideRequest(SSLContext.getDefault());
    assertThat(new AutodiscoverProbe(outside).missing("localhost").orElseThrow())
        .contains("phase 2", "phase 3");
  }
}
