package org.mailstead.http;

import java.time.Duration;

/// Whatever a peer of the HTTP listener can make grow.
///
/// @param headerBytesMax request line and fields of one request: 431 (RFC 6585 §5)
/// @param idleMax a connection on which nothing moves for so long is closed
/// @param bodyTimeMax a body that takes longer to arrive is given up: 408
/// @param connectionCountMax no more are accepted until one ends
/// @param requestCountMax requests being read or answered at once: 503
/// @param streamCountMax concurrent streams of one HTTP/2 connection
public record HttpLimits(
    int headerBytesMax,
    Duration idleMax,
    Duration bodyTimeMax,
    int connectionCountMax,
    int requestCountMax,
    int streamCountMax) {
  public static final HttpLimits STANDARD =
      new HttpLimits(16 * 1024, Duration.ofSeconds(60), Duration.ofSeconds(60), 10_000, 1_000, 100);

  public HttpLimits {
    if (headerBytesMax < 1
        || connectionCountMax < 1
        || requestCountMax < 1
        || streamCountMax < 1
        || idleMax.toMillis() < 1
        || bodyTimeMax.toMillis() < 1) {
      throw new IllegalArgumentException("every HTTP limit is at least 1");
    }
  }
}
