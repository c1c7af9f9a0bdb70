package org.mailstead.workmail.server;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.http.aws.Credentials;

/// How the free/busy providers of other domains are called.
///
/// @param trust whom to trust; empty for the system's certificate authorities
/// @param lambda where functions are invoked; empty if they cannot be
/// @param localAllowed whether endpoints on this machine may be called: for tests
/// @param timeout for a whole call
/// @param log hears of each call, for WorkMail's own log
public record AvailabilitySettings(
    Optional<SSLContext> trust,
    Optional<LambdaEndpoint> lambda,
    boolean localAllowed,
    Duration timeout,
    Consumer<LogRecord> log) {
  /// WorkMail guide, Configuring custom availability providers.
  public static final Duration TIMEOUT = Duration.ofSeconds(25);

  /// The longest answer that is read.
  public static final int ANSWER_BYTES_MAX = 256 << 10;

  /// An endpoint that speaks the API of AWS Lambda.
  public record LambdaEndpoint(URI uri, Credentials credentials) {}

  public static AvailabilitySettings standard() {
    return new AvailabilitySettings(Optional.empty(), Optional.empty(), false, TIMEOUT, _ -> {});
  }

  public AvailabilitySettings withLambda(LambdaEndpoint endpoint) {
    return new AvailabilitySettings(trust, Optional.of(endpoint), localAllowed, timeout, log);
  }

  public AvailabilitySettings withLog(Consumer<LogRecord> listener) {
    return new AvailabilitySettings(trust, lambda, localAllowed, timeout, listener);
  }
}
