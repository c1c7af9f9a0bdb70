package org.mailstead.http;

import java.util.List;

/// What an [HttpServer] listens on and how much it bears.
public record HttpSettings(List<HttpListener> listeners, HttpLimits limits) {
  public HttpSettings {
    listeners = List.copyOf(listeners);
    if (listeners.isEmpty()) throw new IllegalArgumentException("no HTTP listener");
    if (listeners.stream().map(HttpListener::name).distinct().count() != listeners.size()) {
      throw new IllegalArgumentException("two HTTP listeners have the same name");
    }
  }
}
