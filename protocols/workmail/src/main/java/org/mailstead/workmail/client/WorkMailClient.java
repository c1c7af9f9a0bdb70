package org.mailstead.workmail.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.SigV4Signer;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.AwsJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Calls operations of the WorkMail API: one signed request each, no repetition.
public final class WorkMailClient implements AutoCloseable {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  private final Endpoint endpoint;
  private final SigV4Signer signer;
  private final InstantSource clock;
  private final HttpClient http;

  public WorkMailClient(Endpoint endpoint, Credentials credentials, InstantSource clock) {
    this.endpoint = endpoint;
    this.signer = new SigV4Signer(credentials, endpoint.region(), "workmail");
    this.clock = clock;
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT_MAX);
    endpoint.tls().ifPresent(builder::sslContext);
    // Upgrading plain HTTP to HTTP/2 is not offered by the server.
    if (endpoint.uri().getScheme().equals("http")) builder.version(HttpClient.Version.HTTP_1_1);
    http = builder.build();
  }

  /// The operation's output.
  ///
  /// @param operation as the API names it, `CreateUser`
  /// @throws ApiException the server answered an error
  /// @throws IOException no answer came
  public ObjectNode call(String operation, ObjectNode input) throws IOException {
    return send(operation, input.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// The same with a body that need not be JSON.
  public ObjectNode send(String operation, byte[] body) throws IOException {
    HttpHeaders headers =
        HttpHeaders.of(
            "Host",
            endpoint.authority(),
            "Content-Type",
            AwsJson.CONTENT_TYPE,
            "X-Amz-Target",
            "WorkMailService." + operation);
    HttpHeaders signed = signer.sign(clock.instant(), "POST", "/", "", headers, body);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(endpoint.uri().getScheme() + "://" + endpoint.authority() + "/"))
            .timeout(ANSWER_MAX)
            .header("User-Agent", "mailstead")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    for (HttpHeaders.Field field : signed.fields()) {
      // The client writes it itself, from the URI: the same text.
      if (!field.name().equals("Host")) request.header(field.name(), field.value());
    }
    HttpResponse<byte[]> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (response.statusCode() == 200) return AwsJson.parseAnswer(response.body());
    throw error(response);
  }

  @Override
  public void close() {
    http.close();
  }

  private static ApiException error(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    try {
      ObjectNode body = AwsJson.parseAnswer(response.body());
      JsonNode code = body.path("__type");
      JsonNode text = body.path("Message");
      if (code.isString()) return new ApiException(code.stringValue(), status, text.asString(""));
    } catch (ApiException e) {
      // Not the API's own error: told by its status.
    }
    return new ApiException("HTTP " + status, status, "The server answered status " + status + ".");
  }
}
