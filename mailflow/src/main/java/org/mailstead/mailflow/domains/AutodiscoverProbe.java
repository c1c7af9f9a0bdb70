package org.mailstead.mailflow.domains;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/// Asks for a domain's mail settings as programs do: phase 2 wants 401 to a POST without a password
/// at `https://<domain>/…` or `https://autodiscover.<domain>/…`, phase 3 a redirect to HTTPS at
/// `http://autodiscover.<domain>/…` (WorkMail guide, Using AutoDiscover). What is answered is not
/// read, and only servers of the open network are asked: whose domain it is is not known yet.
public final class AutodiscoverProbe {
  /// One question.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String PATH = "/autodiscover/autodiscover.xml";

  private final HttpClient client;
  private final Function<URI, URI> address;
  private final Predicate<InetAddress> allowed;

  public AutodiscoverProbe(SSLContext trust) {
    this(trust, Function.identity(), AutodiscoverProbe::isPublic);
  }

  /// @param address where to ask instead, in tests
  AutodiscoverProbe(SSLContext trust, Function<URI, URI> address, Predicate<InetAddress> allowed) {
    this.client =
        HttpClient.newBuilder()
            .sslContext(trust)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(PATIENCE)
            .build();
    this.address = address;
    this.allowed = allowed;
  }

  private static boolean isPublic(InetAddress address) {
    boolean unique = address.getAddress().length == 16 && (address.getAddress()[0] & 0xFE) == 0xFC;
    return !address.isLoopbackAddress()
        && !address.isSiteLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !unique;
  }

  /// What is missing; empty: both phases answer.
  Optional<String> missing(String domain) {
    List<String> missing = new ArrayList<>();
    boolean second =
        status("POST", "https://" + domain + PATH).filter(code -> code == 401).isPresent()
            || status("POST", "https://autodiscover." + domain + PATH)
                .filter(code -> code == 401)
                .isPresent();
    if (!second) {
      missing.add(
          "phase 2 (401 to a POST without a password at https://autodiscover."
              + domain
              + PATH
              + ")");
    }
    if (!isRedirected("http://autodiscover." + domain + PATH)) {
      missing.add("phase 3 (a redirect to HTTPS from http://autodiscover." + domain + PATH + ")");
    }
    if (missing.isEmpty()) return Optional.empty();
    return Optional.of("Not answered yet: " + String.join("; ", missing) + ".");
  }

  private Optional<Integer> status(String method, String text) {
    return ask(method, text).map(HttpResponse::statusCode);
  }

  private boolean isRedirected(String text) {
    return ask("GET", text)
        .filter(answer -> answer.statusCode() == 302 || answer.statusCode() == 301)
        .flatMap(answer -> answer.headers().firstValue("Location"))
        .filter(location -> location.regionMatches(true, 0, "https://", 0, 8))
        .isPresent();
  }

  private Optional<HttpResponse<InputStream>> ask(String method, String text) {
    try {
      URI uri = address.apply(URI.create(text));
      for (InetAddress each : InetAddress.getAllByName(uri.getHost())) {
        if (!allowed.test(each)) return Optional.empty();
      }
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(uri)
                  .timeout(PATIENCE)
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      response.body().close();
      return Optional.of(response);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
