package org.mailstead.workmail.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.flow.FlowMessage.Direction;
import org.mailstead.core.flow.FlowMessage.State;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpLimits;
import org.mailstead.http.HttpListener;
import org.mailstead.http.HttpServer;
import org.mailstead.http.HttpSettings;
import org.mailstead.http.Routes;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.AwsLimits;
import org.mailstead.http.aws.Buckets;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.FakeS3;
import org.mailstead.http.aws.SigV4Signer;
import tools.jackson.databind.JsonNode;

@DisplayName("API-1: the message-flow API")
final class MessageFlowApiTest {
  private static final String MESSAGE =
      "From: a@example.test\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nSubject: one\r\n\r\ntext\r\n";

  private ApiFixture api;
  private FakeS3 s3;
  private Buckets buckets;
  private FlowMessages messages;
  private HttpServer server;
  private OrganizationId organization;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    organization = new OrganizationId(api.organization("tour"));
    s3 = new FakeS3().bucket("lambda-out");
    var random = new SecureRandom();
    buckets =
        new Buckets(
            Map.of(),
            Optional.of(s3.settings()),
            new AwsClient(api.core.clock(), random, _ -> {}, AwsLimits.PROMPT));
    messages =
        new FlowMessages(
            api.core.store(),
            new Contents(api.core.store(), random),
            api.core.keys(),
            api.core.clock(),
            random);
    server =
        new HttpServer(
            new HttpSettings(
                List.of(new HttpListener("api", InetAddress.getLoopbackAddress(), 0, false)),
                HttpLimits.STANDARD),
            Routes.health()
                .prefix(
                    MessageFlowApi.PATH,
                    MessageFlowApi.BODY_BYTES_MAX,
                    new MessageFlowApi(
                        api.directory,
                        messages,
                        buckets,
                        ApiFixture.REGION,
                        100_000,
                        api.core.clock(),
                        random)),
            Optional.empty());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    messages.close();
    buckets.close();
    s3.close();
    http.close();
    api.close();
  }

  private String register(State state) {
    return messages.register(
        organization, Direction.INCOMING, state, Content.of(MESSAGE.getBytes(UTF_8)));
  }

  private HttpResponse<byte[]> send(Credentials by, String method, String id, String body)
      throws Exception {
    String host = "127.0.0.1:" + server.port("api");
    byte[] octets = body.replace('\'', '"').getBytes(UTF_8);
    HttpHeaders signed =
        new SigV4Signer(by, ApiFixture.REGION, MessageFlowApi.SERVICE)
            .sign(
                api.core.clock().instant(),
                method,
                "/messages/" + id,
                "",
                HttpHeaders.of("Host", host),
                octets);
    var request =
        HttpRequest.newBuilder(URI.create("http://" + host + "/messages/" + id))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(octets));
    signed.fields().stream()
        .filter(f -> !f.name().equals("Host"))
        .forEach(f -> request.header(f.name(), f.value()));
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(String id) throws Exception {
    return send(api.credentials(), "GET", id, "");
  }

  private HttpResponse<byte[]> put(String id, String bucket, String key) throws Exception {
    return send(
        api.credentials(),
        "POST",
        id,
        "{'content':{'s3Reference':{'bucket':'%s','key':'%s'}}}".formatted(bucket, key));
  }

  private static void refused(HttpResponse<byte[]> answer, int status, String code)
      throws Exception {
    JsonNode body = ApiFixture.JSON.readTree(answer.body());
    assertThat(answer.statusCode()).as("%s", body).isEqualTo(status);
    assertThat(answer.headers().firstValue("x-amzn-ErrorType")).contains(code);
    assertThat(body.path("message").stringValue()).isNotEmpty();
  }

  @Test
  void aMessageIsReadAndReplaced() throws Exception {
    String id = register(State.OPEN);
    HttpResponse<byte[]> first = get(id);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).asString(UTF_8).isEqualTo(MESSAGE);
    s3.put("lambda-out", "updated/x", MESSAGE.replace("one", "two").getBytes(UTF_8));
    HttpResponse<byte[]> answer = put(id, "lambda-out", "updated/x");
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    assertThat(get(id).body()).asString(UTF_8).contains("Subject: two");
    try (Content replaced = messages.freeze(id).orElseThrow()) {
      assertThat(replaced.open().readAllBytes()).asString(UTF_8).contains("Subject: two");
    }
    refused(put(id, "lambda-out", "updated/x"), 400, "MessageFrozen");
    assertThat(api.audit(organization.value()))
        .filteredOn(r -> r.path("eventName").stringValue().endsWith("RawMessageContent"))
        .hasSize(4)
        .allSatisfy(r -> {
          assertThat(r.path("eventSource").stringValue())
              .isEqualTo("workmailMessageFlow.amazonaws.com");
          assertThat(r.path("requestParameters").path("messageId").stringValue()).isEqualTo(id);
        });
  }

  @Test
  void everyDeclaredErrorIsReached() throws Exception {
    String id = register(State.OPEN);
    refused(get("00000000-0000-4000-8000-000000000000"), 404, "ResourceNotFoundException");
    refused(put("nothing", "lambda-out", "k"), 404, "ResourceNotFoundException");
    refused(put(register(State.FROZEN), "lambda-out", "k"), 400, "MessageFrozen");
    refused(put(id, "lambda-out", "none"), 400, "InvalidContentLocation");
    refused(put(id, "other-bucket", "none"), 400, "InvalidContentLocation");
    refused(put(id, "lambda-out", "../x"), 400, "InvalidContentLocation");
    s3.put("lambda-out", "bad", "no message".getBytes(UTF_8));
    refused(put(id, "lambda-out", "bad"), 400, "MessageRejected");
    s3.put("lambda-out", "huge", new byte[100_001]);
    refused(put(id, "lambda-out", "huge"), 400, "MessageRejected");
    refused(get("UPPER"), 400, "ValidationException");
    refused(send(api.credentials(), "POST", id, "{'content':{}}"), 400, "ValidationException");
    refused(send(api.credentials(), "POST", id, "[1"), 400, "SerializationException");
    refused(send(api.credentials(), "DELETE", id, ""), 405, "UnknownOperationException");
    api.core.clock().advance(Duration.ofHours(25));
    refused(get(id), 404, "ResourceNotFoundException");
  }

  @Test
  void anotherAccountOrAnotherSignatureGetsNothing() throws Exception {
    String id = register(State.OPEN);
    AccessKey.WithSecret other = api.key(api.directory.accounts().createAccount());
    refused(
        send(new Credentials(other.key().id(), other.secret()), "GET", id, ""),
        404,
        "ResourceNotFoundException");
    refused(
        send(new Credentials(api.credentials().accessKeyId(), "wrong"), "GET", id, ""),
        400,
        "InvalidSignatureException");
    assertThat(
            http.send(
                    HttpRequest.newBuilder(
                            URI.create(
                                "http://127.0.0.1:" + server.port("api") + "/messages/" + id))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body())
        .contains("Authentication Token");
  }

  @Test
  void policiesNameTheMessage() throws Exception {
    String id = register(State.OPEN);
    s3.put("lambda-out", "x", MESSAGE.getBytes(UTF_8));
    api.call("CreateAdministrator", "{'AdministratorName':'reader'}");
    JsonNode key = api.call("CreateAccessKey", "{'AdministratorName':'reader'}");
    var reader =
        new Credentials(
            ApiFixture.text(key, "AccessKeyId"), ApiFixture.text(key, "SecretAccessKey"));
    refused(send(reader, "GET", id, ""), 400, "AccessDeniedException");
    api.call(
        "AttachAccessPolicy",
        "{'AdministratorName':'reader','PolicyName':'AmazonWorkMailMessageFlowReadOnlyAccess'}");
    assertThat(send(reader, "GET", id, "").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> denied =
        send(reader, "POST", id, "{'content':{'s3Reference':{'bucket':'lambda-out','key':'x'}}}");
    refused(denied, 400, "AccessDeniedException");
    assertThat(new String(denied.body(), UTF_8))
        .contains(
            "workmailmessageflow:PutRawMessageContent",
            "message/" + organization + "/incoming/" + id);
  }
}
