package org.mailstead.http.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Sleeper;
import org.mailstead.http.HttpHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends signed requests and tries again where the service or the way to it failed: after 408, 429,
/// 5xx, the error codes that mean "slower", and broken connections, with pauses that double and are
/// random in their whole length. Each try is signed anew. Thread-safe; holds a pool of connections.
public final class AwsClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AwsClient.class);

  private final HttpClient http;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Sleeper sleeper;
  private final AwsLimits limits;

  /// How a request becomes a signed one, at the time of each try.
  @FunctionalInterface
  interface Signing {
    HttpHeaders sign(java.time.Instant time, AwsRequest request, HttpHeaders withHost);
  }

  /// A request before it is signed.
  ///
  /// @param path encoded, as on the wire
  /// @param count octets of `body` that are sent, from its start
  record AwsRequest(
      String method,
      URI endpoint,
      String path,
      String query,
      HttpHeaders headers,
      byte[] body,
      int count) {}

  /// An answer below 500 that is no cause to try again; the caller closes its body.
  record AwsAnswer(int status, java.net.http.HttpHeaders headers, InputStream body, int tries)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException e) {
        LOG.debug("an answer did not close", e);
      }
    }
  }

  public AwsClient(InstantSource clock, RandomGenerator random, Sleeper sleeper, AwsLimits limits) {
    this.clock = clock;
    this.random = random;
    this.sleeper = sleeper;
    this.limits = limits;
    // Redirects are not followed: a signature counts for one host, and a service that answers with
    // one (S3 with a bucket of another region) is told wrongly by the settings.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(limits.connectMax())
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(task -> Thread.ofVirtual().name("aws-client").start(task))
            .build();
  }

  /// A client that really sleeps between tries.
  public static AwsClient start(InstantSource clock, RandomGenerator random, AwsLimits limits) {
    return new AwsClient(clock, random, Thread::sleep, limits);
  }

  AwsLimits limits() {
    return limits;
  }

  /// @throws UnavailableException after the last try
  AwsAnswer send(AwsRequest request, Signing signing) {
    String what = request.method() + " " + request.endpoint().getHost() + request.path();
    String failure = "";
    for (int tries = 1; tries <= limits.attemptCountMax(); tries++) {
      if (tries > 1) pause(tries, what);
      try {
        AwsAnswer answer = attempt(request, signing, tries);
        if (!mayRetry(answer.status())) return answer;
        try (answer) {
          failure = answer.status() + " " + ServiceError.read(answer, limits).code();
        }
      } catch (IOException e) {
        failure =
            e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException(what + " was interrupted", Duration.ofMinutes(1), e);
      }
      LOG.debug("{} failed, try {}: {}", what, tries, failure);
    }
    throw new UnavailableException(
        what + " failed after " + limits.attemptCountMax() + " tries: " + failure,
        limits.delayMax());
  }

  private AwsAnswer attempt(AwsRequest request, Signing signing, int tries)
      throws IOException, InterruptedException {
    URI endpoint = request.endpoint();
    HttpHeaders signed =
        signing.sign(clock.instant(), request, request.headers().with("Host", host(endpoint)));
    URI target =
        URI.create(
            endpoint.getScheme()
                + "://"
                + endpoint.getRawAuthority()
                + request.path()
                + (request.query().isEmpty() ? "" : "?" + request.query()));
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(target)
            .timeout(limits.answerMax())
            .method(
                request.method(),
                request.count() == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(request.body(), 0, request.count()));
    for (HttpHeaders.Field field : signed.fields()) {
      // The client writes Host by itself, the same as signed.
      if (!field.name().equalsIgnoreCase("Host")) builder.header(field.name(), field.value());
    }
    HttpResponse<InputStream> response =
        http.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
    return new AwsAnswer(
        response.statusCode(),
        response.headers(),
        new PromptStream(response.body(), limits.idleMax()),
        tries);
  }

  /// Between tries: random between nothing and a bound that doubles.
  private void pause(int tries, String what) {
    double bound = limits.delayFirst().toMillis() * Math.pow(2, tries - 2);
    long millis =
        (long) (random.nextDouble() * Math.min(bound, (double) limits.delayMax().toMillis()));
    try {
      sleeper.sleep(Duration.ofMillis(millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(what + " was interrupted", Duration.ofMinutes(1), e);
    }
  }

  /// RFC 9110 §15: the request was fine, the moment was not.
  private static boolean mayRetry(int status) {
    return (status >= 500 && status != 501) || status == 429 || status == 408;
  }

  /// An answer whole.
  ///
  /// @throws UnavailableException it does not arrive, or is too long
  static byte[] readWhole(AwsAnswer answer, int bytesMax) {
    try (answer) {
      byte[] octets = answer.body().readNBytes(bytesMax + 1);
      if (octets.length > bytesMax) {
        throw new UnavailableException("an answer is too long", Duration.ofMinutes(1));
      }
      return octets;
    } catch (IOException e) {
      throw new UnavailableException("an answer broke off", Duration.ofSeconds(10), e);
    }
  }

  /// @throws RefusedException INVALID: not an http or https address of a host
  public static URI endpoint(String text) {
    try {
      URI uri = new URI(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean bare =
          uri.getRawPath() == null || uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
      if (http
          && bare
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null) return uri;
    } catch (java.net.URISyntaxException e) {
      LOG.debug("no endpoint: {}", e.getMessage());
    }
    throw new RefusedException(
        Refusal.INVALID, "not an endpoint, as in https://s3.example.com:9000: " + text);
  }

  /// As the JDK's client writes it.
  static String host(URI endpoint) {
    int usual = endpoint.getScheme().equals("https") ? 443 : 80;
    return endpoint.getPort() < 0 || endpoint.getPort() == usual
        ? endpoint.getHost()
        : endpoint.getHost() + ":" + endpoint.getPort();
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
