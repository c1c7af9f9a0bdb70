package org.mailstead.workmail.server;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.Accounts;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationState;
import org.mailstead.core.flow.FlowMessage;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.flow.ReplacementRules;
import org.mailstead.http.HttpHandler;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.HttpResponse;
import org.mailstead.http.aws.Buckets;
import org.mailstead.http.aws.ObjectKey;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.AwsJson;
import org.mailstead.workmail.wire.SigV4Verifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The message-flow API: REST-JSON, `GET` and `POST /messages/{messageId}`, signed for
/// `workmailmessageflow`. Every authenticated call is recorded (JRN-2).
///
/// A message of another account's organization is not found, as one that never was. Model:
/// `workmailmessageflow-model.json`.
///
/// @spec
///   https://docs.aws.amazon.com/workmail/latest/APIReference/API_Operations_Amazon_WorkMail_Message_Flow.html
///   AWS WorkMail Message Flow API
public final class MessageFlowApi implements HttpHandler {
  /// The service name in signatures and ARNs.
  public static final String SERVICE = "workmailmessageflow";

  /// What every path of it begins with.
  public static final String PATH = "/messages/";

  /// A request names an object; it holds no message.
  public static final int BODY_BYTES_MAX = 16 << 10;

  /// Contents are answered whole: this many at once are in memory.
  private static final int CONCURRENT_MAX = 4;

  private static final int WAITING_MAX = 64;
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);
  private static final String SOURCE = "workmailMessageFlow.amazonaws.com";
  private static final int VERSION_CHARS_MAX = 1024;
  private static final Logger LOG = LoggerFactory.getLogger(MessageFlowApi.class);

  private final Directory directory;
  private final FlowMessages messages;
  private final Buckets buckets;
  private final String region;
  private final int messageBytesMax;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final SigV4Verifier verifier;
  private final AccessPolicy policy;
  private final Turns turns = new Turns(CONCURRENT_MAX, WAITING_MAX, WAIT_MAX);

  /// @param messageBytesMax of a replacement
  public MessageFlowApi(
      Directory directory,
      FlowMessages messages,
      Buckets buckets,
      String region,
      int messageBytesMax,
      InstantSource clock,
      RandomGenerator random) {
    this.directory = directory;
    this.messages = messages;
    this.buckets = buckets;
    this.region = region;
    this.messageBytesMax = messageBytesMax;
    this.clock = clock;
    this.random = random;
    this.policy = new AccessPolicy(directory.administrators(), directory.tags()::of, region, clock);
    this.verifier =
        new SigV4Verifier(
            SERVICE,
            clock,
            id -> directory.accounts().findCredential(id).map(Accounts.Credential::secret));
  }

  private enum Action {
    GET("GetRawMessageContent"),
    PUT("PutRawMessageContent");

    private final String wireName;

    Action(String wireName) {
      this.wireName = wireName;
    }
  }

  @Override
  public HttpResponse handle(HttpRequest request) {
    String requestId = uuid();
    try (Turns.Turn _ = turns.take()) {
      return authenticated(request, requestId).with("x-amzn-RequestId", requestId);
    } catch (ApiException e) {
      return error(requestId, e);
    } catch (UnavailableException e) {
      LOG.warn("{}: unavailable: {}", requestId, e.getMessage());
      return error(requestId, unavailable());
    } catch (RuntimeException | AssertionError e) {
      LOG.error("{}: bug in the message-flow API", requestId, e);
      return error(requestId, internalFailure());
    }
  }

  private HttpResponse authenticated(HttpRequest request, String requestId) {
    SigV4Verifier.Verified verified = verifier.verify(request);
    AccessKey key =
        directory
            .accounts()
            .findCredential(verified.accessKeyId())
            .map(Accounts.Credential::key)
            .orElseThrow(() ->
                new ApiException(
                    "UnrecognizedClientException",
                    403,
                    "The security token included in the request is invalid."));
    directory.accounts().used(key);
    Action action =
        switch (request.method()) {
          case "GET" -> Action.GET;
          case "POST" -> Action.PUT;
          default -> throw new ApiException("UnknownOperationException", 405, "Only GET and POST.");
        };
    return recorded(request, requestId, key, action);
  }

  /// From here on every outcome is recorded once.
  private HttpResponse recorded(
      HttpRequest request, String requestId, AccessKey key, Action action) {
    String id = request.path().substring(PATH.length());
    AuditLog.Scope scope = new AuditLog.Scope(key.account().value());
    AuditEntry entry = entry(request, requestId, key, action, id);
    try {
      checkId(id);
      Optional<FlowMessage> found = messages.find(id).filter(m -> isOf(m, key));
      String resource =
          found
              .map(m -> m.arn(region, key.account().value()))
              .orElse("arn:aws:%s:%s:%s:message/*".formatted(SERVICE, region, key.account()));
      policy.check(
          key,
          SERVICE + ":" + action.wireName,
          resource,
          found.map(FlowMessage::organization),
          request,
          JsonMapper.shared().createObjectNode());
      FlowMessage message = found.orElseThrow(MessageFlowApi::notFound);
      scope = new AuditLog.Scope(message.organization().value());
      HttpResponse answer =
          switch (action) {
            case GET -> content(message);
            case PUT -> replace(message, AwsJson.parse(request.body()));
          };
      // A read; or a replacement, which is durable: the record says that it happened.
      directory.audit().record(scope, entry);
      return answer;
    } catch (ApiException e) {
      directory.audit().record(scope, entry.failed(e.code(), e.text()));
      throw e;
    } catch (RefusedException e) {
      ApiException error = refused(e);
      directory.audit().record(scope, entry.failed(error.code(), error.text()));
      throw error;
    }
  }

  /// messageIdType of the model.
  private static void checkId(String id) {
    if (!id.matches("[a-z0-9-]{1,120}")) {
      throw new ApiException(
          "ValidationException", 400, "The messageId has 1 to 120 of a-z, 0-9 and hyphens.");
    }
  }

  private boolean isOf(FlowMessage message, AccessKey key) {
    try {
      Organization organization =
          directory.organizations().load(key.account(), message.organization());
      return organization.state() == OrganizationState.ACTIVE
          || organization.state() == OrganizationState.IMPAIRED;
    } catch (RefusedException e) {
      return false;
    }
  }

  private HttpResponse content(FlowMessage message) {
    try (Content content = messages.open(message);
        InputStream in = content.open()) {
      return new HttpResponse(
          200,
          HttpHeaders.of("Content-Type", "application/octet-stream", "Cache-Control", "no-store"),
          in.readAllBytes());
    } catch (IOException e) {
      throw new UnavailableException("a message does not read", Duration.ofSeconds(10), e);
    }
  }

  private HttpResponse replace(FlowMessage message, ObjectNode body) {
    JsonNode reference = body.path("content").path("s3Reference");
    String bucket = required(reference, "bucket");
    String key = required(reference, "key");
    Optional<String> version =
        reference.has("objectVersion")
            ? Optional.of(required(reference, "objectVersion"))
            : Optional.empty();
    if (version.isPresent() && version.get().length() > VERSION_CHARS_MAX) {
      throw new ApiException("ValidationException", 400, "The objectVersion is too long.");
    }
    if (message.state() == FlowMessage.State.FROZEN) throw frozen();
    byte[] octets = fetch(bucket, key, version);
    try (Content content = Content.of(ReplacementRules.normalized(octets))) {
      messages.replace(message.id(), content);
    }
    return new HttpResponse(
        200, HttpHeaders.of("Content-Type", "application/json"), new byte[] {'{', '}'});
  }

  private byte[] fetch(String bucket, String key, Optional<String> version) {
    try {
      var source = buckets.bucket(bucket);
      var objectKey = new ObjectKey(key);
      Optional<InputStream> found =
          version.isPresent()
              ? source.findVersion(objectKey, version.get())
              : source.find(objectKey);
      try (InputStream in =
          found.orElseThrow(() -> location("The object " + key + " does not exist."))) {
        byte[] octets = in.readNBytes(messageBytesMax + 1);
        if (octets.length > messageBytesMax) {
          throw new ApiException(
              "MessageRejected", 400, "The message is larger than " + messageBytesMax + " octets.");
        }
        return octets;
      }
    } catch (RefusedException e) {
      throw location(e.publicText());
    } catch (IOException e) {
      throw new UnavailableException("an object does not read", Duration.ofSeconds(10), e);
    }
  }

  private static String required(JsonNode node, String member) {
    JsonNode value = node.path(member);
    if (!value.isString() || value.stringValue().isEmpty()) {
      throw new ApiException(
          "ValidationException", 400, "content.s3Reference." + member + " is missing.");
    }
    return value.stringValue();
  }

  private static ApiException refused(RefusedException e) {
    return switch (e.refusal()) {
      case NOT_FOUND -> notFound();
      case WRONG_STATE -> frozen();
      case INVALID, TOO_LARGE -> new ApiException("MessageRejected", 400, e.publicText());
      case ALREADY_EXISTS,
          FORBIDDEN,
          AUTHENTICATION_FAILED,
          OVER_QUOTA,
          LIMIT_REACHED,
          IN_USE,
          RESERVED,
          NOT_SUPPORTED ->
          new ApiException(
              e.refusal() == Refusal.FORBIDDEN ? "AccessDeniedException" : "ValidationException",
              400,
              e.publicText());
    };
  }

  private static ApiException notFound() {
    return new ApiException(
        "ResourceNotFoundException", 404, "The requested email message is not found.");
  }

  private static ApiException frozen() {
    return new ApiException("MessageFrozen", 400, "The message cannot be updated any more.");
  }

  private static ApiException location(String text) {
    return new ApiException("InvalidContentLocation", 400, text);
  }

  private static ApiException unavailable() {
    return new ApiException(
        "ServiceUnavailableException", 503, "The service is not available now. Try again.");
  }

  private static ApiException internalFailure() {
    return new ApiException(
        "InternalFailure", 500, "The request failed because of an internal error.");
  }

  /// REST-JSON names the error in a header and its text `message`.
  private static HttpResponse error(String requestId, ApiException e) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("message", e.text());
    return new HttpResponse(
        e.status(),
        HttpHeaders.of(
            "Content-Type",
            "application/json",
            "x-amzn-ErrorType",
            e.code(),
            "x-amzn-RequestId",
            requestId),
        body.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private AuditEntry entry(
      HttpRequest request, String requestId, AccessKey key, Action action, String id) {
    String account = key.account().value();
    AuditIdentity identity =
        key.userName()
            .map(user -> AuditIdentity.user(account, user, key.id()))
            .orElseGet(() -> AuditIdentity.root(account, Optional.of(key.id())));
    String agent = request.headers().first("User-Agent").orElse("");
    ObjectNode parameters = JsonMapper.shared().createObjectNode();
    parameters.put("messageId", id.length() > 120 ? id.substring(0, 120) : id);
    return new AuditEntry(
        identity,
        clock.instant(),
        SOURCE,
        action.wireName,
        region,
        request.peer().getAddress().getHostAddress(),
        agent.length() > 512 ? agent.substring(0, 512) : agent,
        Optional.of(parameters.toString()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        requestId,
        uuid());
  }

  private String uuid() {
    long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
