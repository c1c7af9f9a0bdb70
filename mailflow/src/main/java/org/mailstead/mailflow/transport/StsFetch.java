package org.mailstead.mailflow.transport;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/// Gets policy files over HTTPS: certificate checked, redirects not followed (RFC 8461 §3.3). Host
/// names go to the system's resolver, as `java.net.http` knows no other.
public final class StsFetch {
  private final HttpClient client;
  private final Function<String, URI> address;

  public StsFetch(SSLContext trust) {
    this(trust, domain -> URI.create("https://mta-sts." + domain + "/.well-known/mta-sts.txt"));
  }

  StsFetch(SSLContext trust, Function<String, URI> address) {
    this.client =
        HttpClient.newBuilder()
            .sslContext(trust)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TransportLimits.FETCH_DURATION_MAX)
            .build();
    this.address = address;
  }

  /// The policy's text.
  ///
  /// @throws IOException there is none that may be used
  String fetch(String domain) throws IOException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(address.apply(domain))
              .timeout(TransportLimits.FETCH_DURATION_MAX)
              .GET()
              .build();
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("the policy's server answers " + response.statusCode());
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (!type.toLowerCase(Locale.ROOT).startsWith("text/plain")) {
          throw new IOException("the policy is not text/plain");
        }
        byte[] bytes = body.readNBytes(TransportLimits.POLICY_BYTES_MAX + 1);
        if (bytes.length > TransportLimits.POLICY_BYTES_MAX) {
          throw new IOException("the policy is too long");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("the domain cannot have a policy", e);
    }
  }
}
