package org.mailstead.base;

import java.time.Duration;

/// Something below is down or full; the same request may succeed later. Peers hear a temporary
/// error.
public class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  public UnavailableException(String text, Duration retryAfter) {
    super(text);
    this.retryAfter = retryAfter;
  }

  public UnavailableException(String text, Duration retryAfter, Throwable cause) {
    super(text, cause);
    this.retryAfter = retryAfter;
  }

  public final Duration retryAfter() {
    return retryAfter;
  }
}
