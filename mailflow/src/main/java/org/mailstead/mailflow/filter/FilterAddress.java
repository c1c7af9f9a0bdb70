package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Where a filter listens: `host:port`, or `unix:/path`.
///
/// @param text as the setting has it
public record FilterAddress(String text) {
  private static final String UNIX = "unix:";

  /// @throws IllegalArgumentException of neither form
  public FilterAddress {
    if (isUnix(text)) {
      if (!text.startsWith("/", UNIX.length())) throw wrong(text);
    } else {
      int colon = text.lastIndexOf(':');
      if (colon <= 0) throw wrong(text);
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port < 1 || port > 65_535) throw wrong(text);
      } catch (NumberFormatException e) {
        throw wrong(text);
      }
    }
  }

  /// Resolved anew at each call: a filter's host may move.
  SocketAddress socketAddress() {
    if (isUnix(text)) return UnixDomainSocketAddress.of(Path.of(text.substring(UNIX.length())));
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
    return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
  }

  /// Whether somebody listens there: why not, if nobody does.
  public Optional<String> probe(Duration timeout) {
    try (FilterConnection _ = FilterConnection.open(this, timeout)) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// For a Host field.
  String host() {
    return isUnix(text) ? "localhost" : text;
  }

  private static boolean isUnix(String text) {
    return text.startsWith(UNIX);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException("not of the form host:port or unix:/path: " + text);
  }
}
