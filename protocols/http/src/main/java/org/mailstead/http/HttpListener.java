package org.mailstead.http;

import java.net.InetAddress;

/// Where to listen. Port 0 picks a free one, see [HttpServer#port].
///
/// @param name how settings and messages call it
/// @param tls plain HTTP is for loopback only: elsewhere anybody on the way could read and alter it
public record HttpListener(String name, InetAddress address, int port, boolean tls) {
  public HttpListener {
    if (port < 0 || port > 65_535) throw new IllegalArgumentException("port out of range: " + port);
    if (!tls && !address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "listener " + name + ": plain HTTP is allowed on a loopback address only");
    }
  }
}
