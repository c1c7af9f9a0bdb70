package org.mailstead.workmail.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.policy.AvailabilityConfiguration;
import org.mailstead.core.policy.AvailabilityConfiguration.Ews;
import org.mailstead.core.policy.AvailabilityConfiguration.Lambda;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.aws.SigV4Signer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a free/busy provider once, to see whether it answers: GetUserAvailability with Basic
/// authentication over HTTPS (MS-OXWAVLS §3.1.4.1), or an invocation through the Lambda API.
///
/// Endpoints are chosen by administrators of an organization, not by the operator: so redirects are
/// not followed, this machine and link-local addresses (where clouds keep their secrets) are not
/// called, an answer is neither waited for nor read beyond a limit, and nothing of it is repeated.
/// Private networks are allowed: that is where Exchange servers live.
///
/// @spec https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxwavls MS-OXWAVLS §3
final class AvailabilityProbe {
  /// The texts of the guide's troubleshooting page, and ours where it has none.
  static final String URL_INVALID = "Exchange Web Services (EWS) URL is invalid or unreachable.";

  static final String CONNECTION_FAILURE = "Connection failure during EWS validation.";
  static final String CREDENTIALS_INVALID =
      "Invalid username and password when configuring Microsoft Exchange interoperability.";
  static final String CERTIFICATE_INVALID =
      "The certificate of the EWS endpoint is not trusted, is not valid now or names another host.";
  static final String BASIC_OFF = "The EWS endpoint does not offer Basic authentication.";
  static final String LAMBDA_NOT_CONFIGURED =
      "Lambda functions cannot be invoked: the server has no Lambda endpoint.";
  static final String LAMBDA_FAILURE = "The Lambda function could not be invoked.";
  static final String LAMBDA_DENIED = "The Lambda function may not be invoked by this server.";
  static final String LAMBDA_ERROR = "The Lambda function ended with an error.";
  static final String LAMBDA_ANSWER = "The answer of the Lambda function is not valid.";

  private static final Logger LOG = LoggerFactory.getLogger(AvailabilityProbe.class);
  private static final Pattern BASIC_CHALLENGE = Pattern.compile("(?i)(^|,)\\s*Basic(\\s|,|$)");
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final String MESSAGES =
      "http://schemas.microsoft.com/exchange/services/2006/messages";
  private static final String TYPES = "http://schemas.microsoft.com/exchange/services/2006/types";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final AvailabilitySettings settings;
  private final InstantSource clock;

  AvailabilityProbe(AvailabilitySettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// Why the provider does not answer as it should; empty if it does.
  ///
  /// @param domain whose free/busy it knows, if that is settled
  Optional<String> failure(
      OrganizationId organization,
      AvailabilityConfiguration.Provider provider,
      Optional<String> domain) {
    Optional<String> failure =
        switch (provider) {
          case Ews ews -> ews(ews, domain);
          case Lambda lambda -> lambda(organization, lambda, domain);
        };
    settings.log().accept(record(organization, provider, domain, failure));
    return failure;
  }

  private LogRecord record(
      OrganizationId organization,
      AvailabilityConfiguration.Provider provider,
      Optional<String> domain,
      Optional<String> failure) {
    Optional<String> function = Optional.empty();
    Optional<String> endpoint = Optional.empty();
    switch (provider) {
      case Ews(String url, _, _) -> endpoint = Optional.of(url);
      case Lambda(String arn) -> function = Optional.of(arn);
    }
    return new LogRecord.AvailabilityProvider(
        clock.instant(),
        organization,
        function.isPresent() ? "LAMBDA" : "EWS",
        domain,
        function,
        endpoint,
        failure,
        failure.isEmpty());
  }

  // ---- EWS

  private Optional<String> ews(Ews ews, Optional<String> domain) {
    URI uri;
    try {
      uri = URI.create(ews.endpoint());
    } catch (IllegalArgumentException e) {
      return Optional.of(URL_INVALID);
    }
    // Basic authentication never without TLS.
    if (!"https".equalsIgnoreCase(uri.getScheme()) || !mayCall(uri)) {
      return Optional.of(URL_INVALID);
    }
    String asked =
        ews.userName().indexOf('@') > 0
            ? ews.userName()
            : "postmaster@" + domain.orElse(uri.getHost());
    String credentials = ews.userName() + ":" + ews.password();
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(settings.timeout())
            .header("Content-Type", "text/xml; charset=utf-8")
            .header("SOAPAction", "\"" + MESSAGES + "/GetUserAvailability\"")
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString(question(asked)))
            .build();
    try {
      HttpResponse<byte[]> answer = send(request);
      return switch (answer.statusCode()) {
        case 200 ->
            isAvailability(answer.body()) ? Optional.empty() : Optional.of(CONNECTION_FAILURE);
        case 401 -> Optional.of(offersBasic(answer) ? CREDENTIALS_INVALID : BASIC_OFF);
        case 403 -> Optional.of(CREDENTIALS_INVALID);
        case 301, 302, 303, 307, 308, 404, 405 -> Optional.of(URL_INVALID);
        default -> Optional.of(CONNECTION_FAILURE);
      };
    } catch (UnknownHostException | ConnectException e) {
      LOG.info("availability provider {}: {}", uri.getHost(), e.toString());
      return Optional.of(URL_INVALID);
    } catch (SSLException e) {
      LOG.info("availability provider {}: {}", uri.getHost(), e.toString());
      return Optional.of(
          e.getCause() instanceof CertificateException ? CERTIFICATE_INVALID : CONNECTION_FAILURE);
    } catch (IOException e) {
      LOG.info("availability provider {}: {}", uri.getHost(), e.toString());
      return Optional.of(CONNECTION_FAILURE);
    }
  }

  /// Without a challenge nobody knows (RFC 9110 §11.6.1 requires one).
  private static boolean offersBasic(HttpResponse<byte[]> answer) {
    List<String> challenges = answer.headers().allValues("WWW-Authenticate");
    return challenges.isEmpty()
        || challenges.stream().anyMatch(text -> BASIC_CHALLENGE.matcher(text).find());
  }

  private String question(String address) {
    Instant start = clock.instant().truncatedTo(ChronoUnit.DAYS);
    return """
    <?xml version="1.0" encoding="utf-8"?>
    <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="%s" xmlns:m="%s">
    <soap:Header><t:RequestServerVersion Version="Exchange2010_SP2"/></soap:Header>
    <soap:Body><m:GetUserAvailabilityRequest>
    <t:TimeZone><t:Bias>0</t:Bias>
    <t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>
    <t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>
    </t:TimeZone>
    <m:MailboxDataArray><t:MailboxData><t:Email><t:Address>%s</t:Address></t:Email>
    <t:AttendeeType>Required</t:AttendeeType><t:ExcludeConflicts>false</t:ExcludeConflicts></t:MailboxData></m:MailboxDataArray>
    <t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>%s</t:StartTime><t:EndTime>%s</t:EndTime></t:TimeWindow>
    <t:MergedFreeBusyIntervalInMinutes>30</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusy</t:RequestedView></t:FreeBusyViewOptions>
    </m:GetUserAvailabilityRequest></soap:Body></soap:Envelope>
    """
        .formatted(
            TYPES, MESSAGES, escaped(address), local(start), local(start.plus(1, ChronoUnit.DAYS)));
  }

  private static String local(Instant time) {
    return time.toString().replace("Z", "");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// Whether it is an answer to the question. One that does not know the mailbox is: it was asked,
  /// let us in, and understood.
  private static boolean isAvailability(byte[] body) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    boolean found = false;
    try {
      XMLStreamReader in = factory.createXMLStreamReader(new ByteArrayInputStream(body));
      while (in.hasNext()) {
        if (in.next() == XMLStreamConstants.START_ELEMENT
            && in.getLocalName().equals("GetUserAvailabilityResponse")
            && MESSAGES.equals(in.getNamespaceURI())) {
          found = true;
        }
      }
      return found;
    } catch (XMLStreamException e) {
      return false;
    }
  }

  // ---- Lambda

  private Optional<String> lambda(
      OrganizationId organization, Lambda lambda, Optional<String> domain) {
    if (settings.lambda().isEmpty()) return Optional.of(LAMBDA_NOT_CONFIGURED);
    AvailabilitySettings.LambdaEndpoint endpoint = settings.lambda().get();
    String arn = lambda.functionArn();
    String region = arn.split(":", -1)[3];
    String path =
        "/2015-03-31/functions/" + URLEncoder.encode(arn, StandardCharsets.UTF_8) + "/invocations";
    byte[] body = event(organization, domain).getBytes(StandardCharsets.UTF_8);
    URI uri = endpoint.uri().resolve(path);
    HttpHeaders headers =
        HttpHeaders.of(
            "Host",
            uri.getRawAuthority(),
            "Content-Type",
            "application/json",
            "X-Amz-Invocation-Type",
            "RequestResponse");
    HttpHeaders signed =
        new SigV4Signer(endpoint.credentials(), region, "lambda")
            .sign(clock.instant(), "POST", path, "", headers, body);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(settings.timeout())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    signed.fields().stream()
        .filter(field -> !field.name().equalsIgnoreCase("Host"))
        .forEach(field -> request.header(field.name(), field.value()));
    try {
      HttpResponse<byte[]> answer = send(request.build());
      return switch (answer.statusCode()) {
        case 200 -> {
          if (answer.headers().firstValue("X-Amz-Function-Error").isPresent()) {
            yield Optional.of(LAMBDA_ERROR);
          }
          yield isMailboxes(answer.body()) ? Optional.empty() : Optional.of(LAMBDA_ANSWER);
        }
        case 401, 403 -> Optional.of(LAMBDA_DENIED);
        default -> Optional.of(LAMBDA_FAILURE);
      };
    } catch (IOException e) {
      LOG.info("Lambda endpoint: {}", e.toString());
      return Optional.of(LAMBDA_FAILURE);
    }
  }

  /// WorkMail guide, Configuring custom availability providers: the CAP request.
  private String event(OrganizationId organization, Optional<String> domain) {
    Instant start = clock.instant().truncatedTo(ChronoUnit.DAYS);
    String address = "postmaster@" + domain.orElse("example.com");
    var event = JSON.createObjectNode();
    event
        .putObject("requester")
        .put("email", address)
        .put("userName", "postmaster")
        .put("organization", organization.value())
        .put("userId", "S-1-1-0-0")
        .put("origin", "127.0.0.1");
    event.putArray("mailboxes").add(address);
    event
        .putObject("window")
        .put("startDate", start.toString())
        .put("endDate", start.plus(1, ChronoUnit.DAYS).toString());
    return event.toString();
  }

  private static boolean isMailboxes(byte[] body) {
    try {
      JsonNode answer = JSON.readTree(body);
      return answer != null && answer.path("mailboxes").isArray();
    } catch (JacksonException e) {
      return false;
    }
  }

  // ---- both

  private boolean mayCall(URI uri) {
    if (uri.getHost() == null) return false;
    if (settings.localAllowed()) return true;
    try {
      for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
        if (address.isLoopbackAddress()
            || address.isLinkLocalAddress()
            || address.isAnyLocalAddress()
            || address.isMulticastAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /// One request within the timeout and the limit of answers, both of which read as an
  /// [IOException].
  private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_MAX)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
    settings.trust().ifPresent(builder::sslContext);
    // Calls are rare: no connection is kept.
    HttpClient http = builder.build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request,
            BodyHandlers.limiting(
                BodyHandlers.ofByteArray(), AvailabilitySettings.ANSWER_BYTES_MAX));
    try {
      return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer in time", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) throw cause;
      throw new IOException(String.valueOf(e.getCause()), e);
    } finally {
      http.shutdownNow();
    }
  }
}
