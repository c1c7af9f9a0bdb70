package org.mailstead.workmail.client;

import java.net.URI;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Where the API is.
///
/// @param uri scheme, host and port
/// @param tls what to trust; the JDK's own certificates if empty
public record Endpoint(URI uri, String region, Optional<SSLContext> tls) {
  public Endpoint {
    if (uri.getHost() == null || uri.getScheme() == null) {
      throw new IllegalArgumentException("an endpoint has a scheme and a host");
    }
  }

  /// As the Host field names it: without a port that the scheme implies.
  String authority() {
    boolean implied =
        uri.getPort() < 0
            || (uri.getScheme().equals("https") && uri.getPort() == 443)
            || (uri.getScheme().equals("http") && uri.getPort() == 80);
    return implied ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
  }
}
