package org.mailstead.interop;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Where a directory server listens: `ldaps://host[:636]` is TLS at once, `ldap://host[:389]` is
/// STARTTLS (RFC 4511 §4.14).
public record LdapUrl(String host, int port, boolean tlsAtOnce) {
  /// @throws IllegalArgumentException not such a URL; the text says what is wrong
  public static LdapUrl parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not a URL: " + text, e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean tls =
        switch (scheme) {
          case "ldaps" -> true;
          case "ldap" -> false;
          default -> throw new IllegalArgumentException("neither ldaps:// nor ldap://: " + text);
        };
    String path = uri.getPath() == null ? "" : uri.getPath();
    boolean bare = uri.getQuery() == null && uri.getUserInfo() == null && path.length() <= 1;
    if (uri.getHost() == null || !bare) {
      throw new IllegalArgumentException("only scheme, host and port belong here: " + text);
    }
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 636 : 389;
    String host = uri.getHost().replaceAll("^\\[|\\]$", "");
    return new LdapUrl(host, port, tls);
  }

  /// A loopback address written as such; names are not asked for.
  boolean isLoopback() {
    return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
  }

  @Override
  public String toString() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return (tlsAtOnce ? "ldaps://" : "ldap://") + name + ":" + port;
  }
}
