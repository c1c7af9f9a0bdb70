package org.mailstead.http;

import java.nio.charset.StandardCharsets;

/// An answer, written whole. Content-Length is added by the listener.
public record HttpResponse(int status, HttpHeaders headers, byte[] body) {
  public HttpResponse {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status out of range: " + status);
    }
  }

  public static HttpResponse text(int status, String text) {
    return new HttpResponse(
        status,
        HttpHeaders.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  public HttpResponse with(String name, String value) {
    return new HttpResponse(status, headers.with(name, value), body);
  }
}
