package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.TestTls;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.SigV4Signer;
import tools.jackson.databind.JsonNode;

@DisplayName("XCH-2: TestAvailabilityConfiguration calls the provider, and says why it failed")
final class AvailabilityTest {
  private static final String ARN =
      "arn:aws:lambda:eu-west-1:123456789012:function:availability:PROD";
  private static final Credentials CREDENTIALS = new Credentials("AKIDLAMBDA", "lambda-secret");
  private static final String GOOD_SOAP =
      """
      <?xml version="1.0" encoding="utf-8"?>
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
      <GetUserAvailabilityResponse xmlns="http://schemas.microsoft.com/exchange/services/2006/messages">
      <FreeBusyResponseArray><FreeBusyResponse><ResponseMessage ResponseClass="Success">
      <ResponseCode>NoError</ResponseCode></ResponseMessage></FreeBusyResponse></FreeBusyResponseArray>
      </GetUserAvailabilityResponse></s:Body></s:Envelope>
      """;

  @TempDir private static Path folder;
  private static TestTls tls;

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile int status = 200;
  private volatile String answer = "";
  private volatile Optional<String> extraHeader = Optional.empty();
  private volatile boolean isSilent;
  private volatile boolean isDripping;
  private HttpsServer exchange;
  private HttpServer lambda;
  private ApiFixture api;
  private String o;

  private record Asked(String method, String path, HttpHeaders headers, String body) {}

  @BeforeAll
  static void certificate() throws Exception {
    tls = TestTls.make(folder, "exchange");
  }

  @BeforeEach
  void start() throws Exception {
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    exchange = HttpsServer.create(loopback, 0);
    exchange.setHttpsConfigurator(new HttpsConfigurator(tls.server()));
    exchange.createContext("/", this::answer);
    exchange.setExecutor(threads);
    exchange.start();
    lambda = HttpServer.create(loopback, 0);
    lambda.createContext("/", this::answer);
    lambda.setExecutor(threads);
    lambda.start();
    open(Duration.ofSeconds(5), true);
  }

  private final List<LogRecord> logged = new ArrayList<>();

  private void open(Duration timeout, boolean localAllowed) throws Exception {
    if (api != null) api.close();
    api =
        ApiFixture.calling(
            new AvailabilitySettings(
                Optional.of(tls.client()),
                Optional.of(
                    new AvailabilitySettings.LambdaEndpoint(
                        URI.create("http://127.0.0.1:" + lambda.getAddress().getPort()),
                        CREDENTIALS)),
                localAllowed,
                timeout,
                logged::add));
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    never.countDown();
    api.close();
    exchange.stop(0);
    lambda.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange http) throws IOException {
    HttpHeaders headers = HttpHeaders.EMPTY;
    for (var each : http.getRequestHeaders().entrySet()) {
      headers = headers.with(each.getKey(), each.getValue().getFirst());
    }
    String body = new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(new Asked(http.getRequestMethod(), http.getRequestURI().getRawPath(), headers, body));
    try {
      if (isSilent) never.await();
      extraHeader.ifPresent(h -> http.getResponseHeaders().add(h.split(":")[0], h.split(":")[1]));
      http.sendResponseHeaders(status, 0);
      if (isDripping) {
        while (!never.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
          http.getResponseBody().write(' ');
          http.getResponseBody().flush();
        }
      }
      http.getResponseBody().write(answer.getBytes(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      http.close();
    }
  }

  private String ews(String endpoint) {
    return ",'EwsProvider':{'EwsEndpoint':'"
        + endpoint
        + "','EwsUsername':'svc@mail.example','EwsPassword':'Hidden-Word-1'}";
  }

  private String ews() {
    return ews("https://localhost:" + exchange.getAddress().getPort() + "/EWS/Exchange.asmx");
  }

  private JsonNode test(String rest) throws Exception {
    return api.call("TestAvailabilityConfiguration", "{'OrganizationId':'" + o + "'" + rest + "}");
  }

  private void fails(String rest, String reason) throws Exception {
    JsonNode result = test(rest);
    assertThat(result.path("TestPassed").booleanValue(true)).isFalse();
    assertThat(result.path("FailureReason").stringValue("")).isEqualTo(reason);
  }

  private void passes(String rest) throws Exception {
    JsonNode result = test(rest);
    assertThat(result.path("TestPassed").booleanValue(false)).as(result.toString()).isTrue();
    assertThat(result.has("FailureReason")).isFalse();
  }

  @Test
  void exchangeIsAskedForFreeBusyWithBasicAuthentication() throws Exception {
    answer = GOOD_SOAP;
    passes(ews());
    Asked request = asked.getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/EWS/Exchange.asmx");
    assertThat(request.headers().first("Authorization"))
        .contains(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        "svc@mail.example:Hidden-Word-1".getBytes(StandardCharsets.UTF_8)));
    assertThat(request.headers().first("Soapaction").orElse(""))
        .contains("messages/GetUserAvailability");
    var factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    var document =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(request.body().getBytes(StandardCharsets.UTF_8)));
    String types = "http://schemas.microsoft.com/exchange/services/2006/types";
    assertThat(document.getElementsByTagNameNS(types, "Address").item(0).getTextContent())
        .isEqualTo("svc@mail.example");
    assertThat(document.getElementsByTagNameNS(types, "StartTime").item(0).getTextContent())
        .isEqualTo("2027-01-01T00:00:00");
  }

  @Test
  void aStoredConfigurationIsCalledWithItsSealedPassword() throws Exception {
    api.call(
        "CreateAvailabilityConfiguration",
        "{'OrganizationId':'" + o + "','DomainName':'mail.example'" + ews() + "}");
    answer = GOOD_SOAP;
    passes(",'DomainName':'mail.example'");
    assertThat(logged.getLast().members())
        .containsEntry("type", "EWS")
        .containsEntry("domain", "mail.example")
        .containsEntry("availability_event_successful", true);
    assertThat(logged.toString()).doesNotContain("Hidden-Word-1");
    assertThat(asked.getFirst().headers().first("Authorization").orElse("")).startsWith("Basic ");
    assertThat(api.audit(o).toString()).doesNotContain("Hidden-Word-1");
  }

  @Test
  void eachFailureHasTheGuidesText() throws Exception {
    status = 401;
    fails(ews(), AvailabilityProbe.CREDENTIALS_INVALID);
    assertThat(logged.getLast().members())
        .containsEntry("error_message", AvailabilityProbe.CREDENTIALS_INVALID)
        .containsEntry("availability_event_successful", false)
        .doesNotContainKey("domain");
    extraHeader = Optional.of("WWW-Authenticate:Negotiate, Basic realm=\"x\"");
    fails(ews(), AvailabilityProbe.CREDENTIALS_INVALID);
    extraHeader = Optional.of("WWW-Authenticate:Negotiate");
    fails(ews(), AvailabilityProbe.BASIC_OFF);
    extraHeader = Optional.empty();
    status = 404;
    fails(ews(), AvailabilityProbe.URL_INVALID);
    status = 302;
    extraHeader = Optional.of("Location:/elsewhere");
    fails(ews(), AvailabilityProbe.URL_INVALID);
    assertThat(asked).allSatisfy(a -> assertThat(a.path()).isEqualTo("/EWS/Exchange.asmx"));
    extraHeader = Optional.empty();
    status = 500;
    fails(ews(), AvailabilityProbe.CONNECTION_FAILURE);
    status = 200;
    for (String bad :
        List.of(
            "",
            "<html>welcome</html>",
            GOOD_SOAP.substring(0, 400),
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            GOOD_SOAP.replace("2006/messages", "2006/other"))) {
      answer = bad;
      fails(ews(), AvailabilityProbe.CONNECTION_FAILURE);
    }
    fails(ews("https://no-such-host.invalid/EWS/Exchange.asmx"), AvailabilityProbe.URL_INVALID);
    int port = exchange.getAddress().getPort();
    // Basic authentication never travels in the clear.
    fails(ews("http://localhost:" + port + "/EWS/x"), AvailabilityProbe.URL_INVALID);
    HttpsServer untrusted =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    untrusted.setHttpsConfigurator(
        new HttpsConfigurator(TestTls.make(folder, "untrusted").server()));
    untrusted.start();
    fails(
        ews("https://localhost:" + untrusted.getAddress().getPort() + "/EWS/x"),
        AvailabilityProbe.CERTIFICATE_INVALID);
    untrusted.stop(0);
    exchange.stop(0);
    fails(ews(), AvailabilityProbe.URL_INVALID);
  }

  @Test
  void answersAreNeitherWaitedForNorReadBeyondALimit() throws Exception {
    answer = GOOD_SOAP + " ".repeat(AvailabilitySettings.ANSWER_BYTES_MAX);
    fails(ews(), AvailabilityProbe.CONNECTION_FAILURE);
    open(Duration.ofMillis(700), true);
    long begin = System.nanoTime();
    isSilent = true;
    fails(ews(), AvailabilityProbe.CONNECTION_FAILURE);
    isSilent = false;
    isDripping = true;
    fails(ews(), AvailabilityProbe.CONNECTION_FAILURE);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
    assertThat(AvailabilitySettings.standard().timeout()).isEqualTo(Duration.ofSeconds(25));
  }

  @Test
  @DisplayName("this machine and link-local addresses are not called")
  void localAddresses() throws Exception {
    open(Duration.ofSeconds(5), false);
    answer = GOOD_SOAP;
    fails(ews(), AvailabilityProbe.URL_INVALID);
    fails(ews("https://169.254.169.254/latest/"), AvailabilityProbe.URL_INVALID);
    fails(ews("https://0.0.0.0/EWS/"), AvailabilityProbe.URL_INVALID);
    assertThat(asked).isEmpty();
  }

  @Test
  void aFunctionIsInvokedWithASignedRequest() throws Exception {
    answer = "{\"mailboxes\":[{\"mailbox\":\"a@b.example\",\"events\":[]}]}";
    passes(",'LambdaProvider':{'LambdaArn':'" + ARN + "'}");
    Asked request = asked.getFirst();
    assertThat(request.path())
        .isEqualTo(
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aavailability%3APROD/invocations");
    assertThat(request.headers().first("X-amz-invocation-type")).contains("RequestResponse");
    // The same request signed anew has the same signature.
    HttpHeaders signed = HttpHeaders.EMPTY;
    String authorization = request.headers().first("Authorization").orElseThrow();
    String names = authorization.replaceAll(".*SignedHeaders=([^,]*),.*", "$1");
    for (String name : names.split(";")) {
      signed = signed.with(name, request.headers().first(name).orElseThrow());
    }
    assertThat(names).contains("host", "x-amz-date", "x-amz-invocation-type");
    assertThat(
            new SigV4Signer(CREDENTIALS, "eu-west-1", "lambda")
                .sign(
                    api.core.clock().instant(),
                    "POST",
                    request.path(),
                    "",
                    signed,
                    request.body().getBytes(StandardCharsets.UTF_8))
                .first("Authorization"))
        .contains(authorization);
    JsonNode event = ApiFixture.JSON.readTree(request.body());
    assertThat(event.path("requester").path("organization").stringValue()).isEqualTo(o);
    assertThat(event.path("mailboxes").size()).isEqualTo(1);
    assertThat(event.path("window").path("startDate").stringValue())
        .isEqualTo("2027-01-01T00:00:00Z");
  }

  @Test
  void failuresOfFunctions() throws Exception {
    String provider = ",'LambdaProvider':{'LambdaArn':'" + ARN + "'}";
    answer = "{\"errorMessage\":\"secret of the function\"}";
    extraHeader = Optional.of("X-Amz-Function-Error:Unhandled");
    fails(provider, AvailabilityProbe.LAMBDA_ERROR);
    extraHeader = Optional.empty();
    fails(provider, AvailabilityProbe.LAMBDA_ANSWER);
    answer = "not json";
    fails(provider, AvailabilityProbe.LAMBDA_ANSWER);
    status = 403;
    fails(provider, AvailabilityProbe.LAMBDA_DENIED);
    status = 404;
    fails(provider, AvailabilityProbe.LAMBDA_FAILURE);
    lambda.stop(0);
    fails(provider, AvailabilityProbe.LAMBDA_FAILURE);
    try (var plain = new ApiFixture()) {
      String id = plain.organization("plain");
      assertThat(
              plain
                  .call(
                      "TestAvailabilityConfiguration",
                      "{'OrganizationId':'" + id + "'" + provider + "}")
                  .path("FailureReason")
                  .stringValue())
          .isEqualTo(AvailabilityProbe.LAMBDA_NOT_CONFIGURED);
    }
  }
}
