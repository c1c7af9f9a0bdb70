package org.mailstead.migration.imap;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Access tokens by client credentials (RFC 6749 §4.4), fetched again before they end: a run may
/// last for days, a token an hour. For several threads.
public final class TokenSource {
  private static final Duration EARLY = Duration.ofMinutes(5);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// @param endpoint `https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token`
  /// @param scope `https://outlook.office365.com/.default`
  public record Client(URI endpoint, String clientId, Secret clientSecret, String scope) {}

  private final Client client;
  private final InstantSource clock;
  private String token = "";
  private Instant until = Instant.MIN;

  public TokenSource(Client client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /// A token that lasts for minutes at least.
  ///
  /// @throws RefusedException the credentials are refused; the text says what to look at
  public synchronized Secret token() throws IOException {
    if (clock.instant().isBefore(until)) return new Secret(token);
    String form =
        "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s"
            .formatted(
                encoded(client.clientId()),
                encoded(client.clientSecret().value()),
                encoded(client.scope()));
    HttpRequest request =
        HttpRequest.newBuilder(client.endpoint())
            .timeout(ANSWER_MAX)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    HttpResponse<String> response;
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_MAX).build()) {
      response = http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    JsonNode answer;
    try {
      answer = JSON.readTree(response.body());
    } catch (JacksonException e) {
      throw new IOException("the token endpoint answers status " + response.statusCode(), e);
    }
    if (response.statusCode() == 429 || response.statusCode() >= 500) {
      throw new UnavailableException(
          "the token endpoint answers status " + response.statusCode(), Duration.ofSeconds(30));
    }
    String fresh = answer.path("access_token").asString("");
    if (response.statusCode() != 200 || fresh.isEmpty()) throw refused(answer);
    token = fresh;
    long seconds = answer.path("expires_in").asLong(3600);
    until = clock.instant().plusSeconds(seconds).minus(EARLY);
    return new Secret(token);
  }

  /// The server did not take the token: the next one is fetched anew.
  public synchronized void discard() {
    until = Instant.MIN;
  }

  private RefusedException refused(JsonNode answer) {
    String text = answer.path("error_description").asString(answer.path("error").asString(""));
    String advice = "";
    if (text.contains("AADSTS7000215")) {
      advice =
          " The client secret is wrong: the portal shows a secret's ID and its Value; the Value is needed.";
    } else if (text.contains("AADSTS700016")) {
      advice = " No such application in this tenant: compare client id and tenant id.";
    } else if (text.contains("AADSTS7000222")) {
      advice = " The client secret has expired: make another one.";
    }
    int end = text.indexOf('\n');
    return new RefusedException(
        Refusal.FORBIDDEN,
        "no access token: " + (end < 0 ? text : text.substring(0, end)).strip() + advice);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
