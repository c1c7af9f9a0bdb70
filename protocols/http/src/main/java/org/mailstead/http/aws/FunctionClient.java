package org.mailstead.http.aws;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mailstead.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Calls functions by the Invoke API of AWS Lambda: once, within a time for the whole call, reading
/// no more of the answer than a limit. Redirects are not followed. Thread-safe; holds a pool of
/// connections.
///
/// @spec https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html AWS Lambda API: Invoke
public final class FunctionClient implements AutoCloseable {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
  private static final int TEXT_CHARS_MAX = 200;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Where a function is.
  ///
  /// @param uri of the service; with a path, of the function itself
  /// @param credentials to sign with; empty: requests are not signed
  public record Endpoint(URI uri, Optional<Credentials> credentials) {
    boolean isFunction() {
      String path = uri.getRawPath();
      return path != null && !path.isEmpty() && !path.equals("/");
    }
  }

  /// What became of a call.
  public sealed interface Answer {
    /// The function will be run (202), nobody waits for it.
    record Queued() implements Answer {}

    /// What the function returned: JSON, not checked.
    record Returned(byte[] payload) implements Answer {}

    /// It could not be called, or ended with an error, or not in time.
    ///
    /// @param reason printable ASCII for administrators, at most 200 characters
    record Failed(String reason) implements Answer {}
  }

  private final HttpClient http;
  private final InstantSource clock;

  public FunctionClient(InstantSource clock) {
    this.clock = clock;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_MAX)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(task -> Thread.ofVirtual().name("function-client").start(task))
            .build();
  }

  /// @param function its ARN
  /// @param isAwaited whether the answer is waited for (RequestResponse), or the service only takes
  ///   the event (Event)
  /// @param answerBytesMax a longer answer is a failure
  public Answer invoke(
      Endpoint endpoint,
      String function,
      boolean isAwaited,
      byte[] event,
      Duration timeout,
      int answerBytesMax) {
    HttpRequest request = request(endpoint, function, isAwaited, event, timeout);
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), answerBytesMax));
    try {
      return answer(answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS), isAwaited);
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Answer.Failed("no answer within " + timeout.toSeconds() + " seconds");
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return new Answer.Failed("interrupted");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof HttpTimeoutException) {
        return new Answer.Failed("no answer within " + timeout.toSeconds() + " seconds");
      }
      if (cause instanceof IOException) {
        return new Answer.Failed(clean("the call failed: " + cause));
      }
      throw new IllegalStateException("a function cannot be called", e);
    }
  }

  private HttpRequest request(
      Endpoint endpoint, String function, boolean isAwaited, byte[] event, Duration timeout) {
    URI uri = endpoint.uri();
    if (!endpoint.isFunction()) {
      uri =
          URI.create(
              uri.getScheme()
                  + "://"
                  + uri.getRawAuthority()
                  + "/2015-03-31/functions/"
                  + CanonicalRequest.encoded(function.getBytes(StandardCharsets.UTF_8))
                  + "/invocations");
    }
    HttpHeaders headers =
        HttpHeaders.of(
            "Host",
            AwsClient.host(uri),
            "Content-Type",
            "application/json",
            "X-Amz-Invocation-Type",
            isAwaited ? "RequestResponse" : "Event");
    if (endpoint.credentials().isPresent()) {
      String[] arn = function.split(":", -1);
      headers =
          new SigV4Signer(endpoint.credentials().get(), arn.length > 3 ? arn[3] : "", "lambda")
              .sign(clock.instant(), "POST", uri.getRawPath(), "", headers, event);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .POST(HttpRequest.BodyPublishers.ofByteArray(event));
    headers.fields().stream()
        // The client writes Host by itself, the same as signed.
        .filter(field -> !field.name().equalsIgnoreCase("Host"))
        .forEach(field -> request.header(field.name(), field.value()));
    return request.build();
  }

  private static Answer answer(HttpResponse<byte[]> response, boolean isAwaited) {
    Optional<String> error = response.headers().firstValue("X-Amz-Function-Error");
    if (error.isPresent()) {
      return new Answer.Failed(
          clean(
              "the function ended with an error ("
                  + error.get()
                  + "): "
                  + text(response.body(), "errorMessage")));
    }
    return switch (response.statusCode()) {
      case 202 -> new Answer.Queued();
      // Some services run the function although nobody waits for it.
      case 200 -> isAwaited ? new Answer.Returned(response.body()) : new Answer.Queued();
      default ->
          new Answer.Failed(
              clean(
                  "the Invoke API answered "
                      + response.statusCode()
                      + ": "
                      + text(response.body(), "Message")));
    };
  }

  private static String text(byte[] body, String member) {
    try {
      JsonNode answer = JSON.readTree(body);
      if (answer == null) return "";
      return answer.path(member).asString(answer.path("message").asString(""));
    } catch (JacksonException e) {
      return "";
    }
  }

  private static String clean(String text) {
    String cut = text.length() > TEXT_CHARS_MAX ? text.substring(0, TEXT_CHARS_MAX) : text;
    return cut.replaceAll("[^ -~]", "?");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
