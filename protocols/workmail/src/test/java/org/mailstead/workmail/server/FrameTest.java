package org.mailstead.workmail.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.http.HttpLimits;
import org.mailstead.http.HttpListener;
import org.mailstead.http.HttpServer;
import org.mailstead.http.HttpSettings;
import org.mailstead.http.Routes;
import org.mailstead.http.TestTls;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.SigV4Signer;
import org.mailstead.workmail.client.Endpoint;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.ApiLimits;
import tools.jackson.databind.JsonNode;

@DisplayName("API-1: AWS JSON 1.1 around the operations")
final class FrameTest {
  @TempDir Path folder;

  private ApiFixture api;
  private HttpClient http;

  @BeforeEach
  void start() {
    api = new ApiFixture();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
    http.close();
    api.close();
  }

  @Test
  void anAnswerCarriesTypeAndRequestIdAsSdksExpectThem() throws Exception {
    HttpResponse<String> answer = post("WorkMailService.ListOrganizations", "{}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/x-amz-json-1.1");
    assertThat(answer.headers().firstValue("x-amzn-requestid").orElseThrow())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    assertThat(answer.body()).isEqualTo("{\"OrganizationSummaries\":[]}");
    assertThat(post("WorkMailService.ListOrganizations", "").statusCode()).isEqualTo(200);
  }

  @Test
  void anErrorNamesItsTypeInBodyAndHeader() throws Exception {
    HttpResponse<String> answer = post("WorkMailService.CreateOrganization", "{}");
    assertThat(answer.statusCode()).isEqualTo(400);
    JsonNode body = ApiFixture.JSON.readTree(answer.body());
    assertThat(body.path("__type").asString()).isEqualTo("ValidationException");
    assertThat(body.path("Message").asString())
        .isEqualTo(
            "1 validation error detected: Value null at 'alias' failed to satisfy constraint:"
                + " Member must not be null");
    assertThat(body.path("message")).isEqualTo(body.path("Message"));
    assertThat(answer.headers().firstValue("x-amzn-errortype")).contains("ValidationException");
    assertThat(answer.headers().firstValue("x-amzn-requestid")).isPresent();
  }

  @Test
  void unknownOperationsAndMethods() throws Exception {
    for (String target : List.of("WorkMailService.Nothing", "Other.CreateUser", "CreateUser", "")) {
      HttpResponse<String> answer = post(target, "{}");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("\"UnknownOperationException\"");
    }
    HttpResponse<String> got =
        http.send(
            java.net.http.HttpRequest.newBuilder(root()).GET().build(), BodyHandlers.ofString());
    assertThat(got.statusCode()).isEqualTo(405);
    assertThat(got.headers().firstValue("allow")).contains("POST");
  }

  @Test
  void unsignedAndForgedRequestsGetAwssErrors() throws Exception {
    HttpResponse<String> unsigned =
        http.send(
            java.net.http.HttpRequest.newBuilder(root())
                .header("X-Amz-Target", "WorkMailService.ListOrganizations")
                .POST(BodyPublishers.ofString("{}"))
                .build(),
            BodyHandlers.ofString());
    assertThat(unsigned.statusCode()).isEqualTo(400);
    assertThat(unsigned.body()).contains("MissingAuthenticationTokenException");
    Credentials known = api.credentials();
    refusedBy(new Credentials("AKIANOBODY", known.secretAccessKey()), "UnrecognizedClient");
    refusedBy(new Credentials(known.accessKeyId(), "x"), "InvalidSignature");
  }

  @Test
  void aRevokedKeyIsUnknownAtOnce() throws Exception {
    var key = api.key(api.account());
    try (WorkMailClient client = api.client(key)) {
      api.call(client, "ListOrganizations", "{}");
      api.directory
          .accounts()
          .revokeKey(api.core.change("DeleteAccessKey"), api.account(), key.key().id());
      api.refused(client, "ListOrganizations", "{}", "UnrecognizedClientException");
    }
  }

  @Test
  void aWrongClockIsToldSoThatSdksCorrectIt() throws Exception {
    try (WorkMailClient slow =
        new WorkMailClient(
            api.endpoint(),
            api.credentials(),
            () -> api.core.clock().instant().minus(Duration.ofMinutes(16)))) {
      assertThat(api.refused(slow, "ListOrganizations", "{}", "InvalidSignatureException").text())
          .startsWith("Signature expired: ");
    }
  }

  @Test
  void hostileBodiesCostNothing() throws Exception {
    String target = "WorkMailService.CreateUser";
    for (String body :
        List.of(
            "{\"a\":".repeat(40_000),
            "[".repeat(100_000),
            "{\"Name\":\"a\",\"Name\":\"b\"}",
            "{\"Name\":\"" + "x".repeat(200_000) + "\"",
            "nonsense",
            "{\"Name\":" + "9".repeat(100_000) + "}")) {
      HttpResponse<String> answer = post(target, body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("\"SerializationException\"").hasSizeLessThan(400);
    }
    byte[] invalid = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    assertThat(post(target, invalid).body()).contains("\"SerializationException\"");
  }

  @Test
  void limitOfTheBody() throws Exception {
    String target = "WorkMailService.ListOrganizations";
    int room = ApiLimits.BODY_BYTES_MAX - "{}".length();
    assertThat(post(target, "{" + " ".repeat(room) + "}").statusCode()).isEqualTo(200);
    assertThat(post(target, "{" + " ".repeat(room + 1) + "}").statusCode()).isEqualTo(413);
    HttpResponse<String> huge;
    try {
      huge = post(target, new byte[10 << 20]);
    } catch (java.io.IOException e) {
      return; // The connection was closed while ten megabytes were still on their way.
    }
    assertThat(huge.statusCode()).isEqualTo(413);
  }

  @Test
  void signaturesHoldOverHttp2AndTls() throws Exception {
    TestTls tls = TestTls.make(folder, "api");
    try (HttpServer server =
        new HttpServer(
            new HttpSettings(
                List.of(
                    new HttpListener("api", java.net.InetAddress.getLoopbackAddress(), 0, true)),
                HttpLimits.STANDARD),
            Routes.health().exact("/", ApiLimits.BODY_BYTES_MAX, api.api),
            Optional.of(tls::server))) {
      server.start();
      URI uri = URI.create("https://localhost:" + server.port("api"));
      Endpoint endpoint = new Endpoint(uri, "eu-west-1", Optional.of(tls.client()));
      try (WorkMailClient client =
          new WorkMailClient(endpoint, api.credentials(), api.core.clock())) {
        assertThat(api.call(client, "ListOrganizations", "{}").has("OrganizationSummaries"))
            .isTrue();
      }
    }
  }

  @Test
  void limitOfRequestsAtOnceIsAnsweredWithTheErrorThatSdksRepeat() throws Exception {
    CountDownLatch entered = new CountDownLatch(ApiLimits.CONCURRENT_MAX);
    CountDownLatch leave = new CountDownLatch(1);
    Turns turns = new Turns(ApiLimits.CONCURRENT_MAX, ApiLimits.WAITING_MAX, Duration.ofMillis(1));
    List<Future<Boolean>> holders = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < ApiLimits.CONCURRENT_MAX; i++) {
        holders.add(
            threads.submit(() -> {
              try (Turns.Turn turn = turns.take()) {
                entered.countDown();
                leave.await();
                return turn != null;
              }
            }));
      }
      entered.await();
      assertThatThrownBy(turns::take)
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.code()).isEqualTo("ThrottlingException");
                assertThat(e.status()).isEqualTo(400);
              });
      leave.countDown();
      for (Future<Boolean> holder : holders) assertThat(holder.get()).isTrue();
    }
    try (Turns.Turn turn = turns.take()) {
      assertThat(turn).isNotNull();
    }
  }

  @Test
  void limitOfRequestsThatWait() throws Exception {
    Turns turns = new Turns(1, 1, Duration.ofMinutes(5));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> waiting;
      try (Turns.Turn held = turns.take()) {
        waiting =
            threads.submit(() -> {
              try (Turns.Turn turn = turns.take()) {
                return turn != null;
              }
            });
        while (turns.waiting() == 0) Thread.onSpinWait();
        assertThatThrownBy(turns::take).hasMessage("Rate exceeded");
        assertThat(held).isNotNull();
      }
      assertThat(waiting.get()).isTrue();
    }
  }

  private org.mailstead.core.audit.AuditEntry entry() {
    return api.core.change("Test").entry();
  }

  private void refusedBy(Credentials credentials, String code) throws Exception {
    try (WorkMailClient client =
        new WorkMailClient(api.endpoint(), credentials, api.core.clock())) {
      api.refused(client, "ListOrganizations", "{}", code + "Exception");
    }
  }

  private URI root() {
    return URI.create("http://127.0.0.1:" + api.port() + "/");
  }

  private HttpResponse<String> post(String target, String body) throws Exception {
    return post(target, body.getBytes(UTF_8));
  }

  private HttpResponse<String> post(String target, byte[] body) throws Exception {
    var headers =
        org.mailstead.http.HttpHeaders.of(
            "Host", "127.0.0.1:" + api.port(), "X-Amz-Target", target);
    var signed =
        new SigV4Signer(api.credentials(), "us-east-1", "workmail")
            .sign(api.core.clock().instant(), "POST", "/", "", headers, body);
    var request =
        java.net.http.HttpRequest.newBuilder(root()).POST(BodyPublishers.ofByteArray(body));
    signed.fields().stream()
        .filter(f -> !f.name().equals("Host"))
        .forEach(f -> request.header(f.name(), f.value()));
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
