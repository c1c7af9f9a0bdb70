package org.mailstead.workmail.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.Accounts;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.export.Exports;
import org.mailstead.http.HttpHandler;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.HttpResponse;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.ApiLimits;
import org.mailstead.workmail.wire.AwsJson;
import org.mailstead.workmail.wire.ShapeReader;
import org.mailstead.workmail.wire.SigV4Verifier;
import org.mailstead.workmail.wire.shapes.Operation;
import org.mailstead.workmail.wire.shapes.Request;
import org.mailstead.workmail.wire.shapes.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The WorkMail API's endpoint: signature → input checked against the model → access policy →
/// operation → answer, with one audit record for each authenticated call (JRN-2). A call that
/// changes something is recorded by the commit that changes it; reads and refusals by a commit of
/// their own, before they are answered.
///
/// Requests without a valid signature are not recorded: nobody made them.
public final class WorkMailApi implements HttpHandler {
  /// The service name in signatures.
  public static final String SERVICE = "workmail";

  private static final Logger LOG = LoggerFactory.getLogger(WorkMailApi.class);
  private static final String TARGET_PREFIX = "WorkMailService.";

  /// Longer texts are cut in audit records, so that each fits one row.
  static final int AUDIT_TEXT_MAX = 16_384;

  private static final int CUT_CHARS_MAX = 512;

  /// With these begin the names of operations that change nothing.
  private static final List<String> READING_WORDS =
      List.of("Describe", "List", "Get", "Lookup", "Search", "Test", "Trace");

  /// Operations that change nothing: they have no commit of their own to be recorded in.
  static final Set<Operation> READ_ONLY = readOnly();

  private final Directory directory;
  private final WorkMailSettings settings;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final SigV4Verifier verifier;
  private final AccessPolicy policy;
  private final Operations operations;
  private final Throttle throttle;
  // Requests that nobody has signed share nothing with those of a key but the processor.
  private final Turns verifying =
      new Turns(
          ApiLimits.VERIFYING_MAX,
          ApiLimits.VERIFYING_WAITING_MAX,
          Duration.ofMillis(ApiLimits.WAIT_MILLIS_MAX));
  private final Turns turns =
      new Turns(
          ApiLimits.CONCURRENT_MAX,
          ApiLimits.WAITING_MAX,
          Duration.ofMillis(ApiLimits.WAIT_MILLIS_MAX));

  /// @param random for request ids
  /// @param pageTokenKey authenticates NextTokens; 32 octets; a new one ends listings under way
  public WorkMailApi(
      Directory directory,
      DirectorySynchronizer synchronizer,
      Exports exports,
      QueueServices queue,
      WorkMailSettings settings,
      InstantSource clock,
      RandomGenerator random,
      byte[] pageTokenKey) {
    this(
        directory,
        synchronizer,
        exports,
        queue,
        settings,
        clock,
        random,
        pageTokenKey,
        directory.tags()::of);
  }

  /// @param tags of an organization, for policies that speak of them
  public WorkMailApi(
      Directory directory,
      DirectorySynchronizer synchronizer,
      Exports exports,
      QueueServices queue,
      WorkMailSettings settings,
      InstantSource clock,
      RandomGenerator random,
      byte[] pageTokenKey,
      Function<OrganizationId, Map<String, String>> tags) {
    this.directory = directory;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.verifier =
        new SigV4Verifier(
            SERVICE,
            clock,
            id -> directory.accounts().findCredential(id).map(Accounts.Credential::secret));
    this.policy = new AccessPolicy(directory.administrators(), tags, settings.region(), clock);
    this.throttle = new Throttle(settings.rates(), clock);
    this.operations =
        new Operations(
            directory,
            synchronizer,
            exports,
            queue,
            new PageTokens(pageTokenKey),
            settings,
            clock,
            random);
  }

  @Override
  public HttpResponse handle(HttpRequest request) {
    String requestId = uuid();
    if (!request.method().equals("POST")) {
      return AwsJson.error(
              requestId, new ApiException("UnknownOperationException", 405, "Only POST is known."))
          .with("Allow", "POST");
    }
    try {
      AccessKey key = authenticated(request);
      Operation operation = operation(request);
      throttle.take(key.id(), OperationGroup.of(operation));
      try (Turns.Turn _ = turns.take(key.id())) {
        directory.accounts().used(key);
        return AwsJson.answer(requestId, recorded(request, requestId, key, operation));
      }
    } catch (ApiException e) {
      LOG.debug("{}: {}", requestId, e.code());
      return AwsJson.error(requestId, e);
    } catch (UnavailableException e) {
      LOG.warn("{}: unavailable: {}", requestId, e.getMessage());
      return AwsJson.error(requestId, unavailable());
    } catch (RuntimeException | AssertionError e) {
      LOG.error("{}: bug in an operation", requestId, e);
      return AwsJson.error(requestId, internalFailure());
    }
  }

  private AccessKey authenticated(HttpRequest request) {
    try (Turns.Turn _ = verifying.take()) {
      SigV4Verifier.Verified verified = verifier.verify(request);
      return directory
          .accounts()
          .findCredential(verified.accessKeyId())
          .map(Accounts.Credential::key)
          .orElseThrow(() ->
              new ApiException(
                  "UnrecognizedClientException",
                  400,
                  "The security token included in the request is invalid."));
    }
  }

  private static Operation operation(HttpRequest request) {
    String target = request.headers().first("X-Amz-Target").orElse("");
    return Optional.of(target)
        .filter(t -> t.startsWith(TARGET_PREFIX))
        .flatMap(t -> Operation.find(t.substring(TARGET_PREFIX.length())))
        .orElseThrow(() ->
            new ApiException("UnknownOperationException", 400, "The operation is not known."));
  }

  /// From here on every outcome is recorded once.
  private Response recorded(
      HttpRequest request, String requestId, AccessKey key, Operation operation) {
    AuditEntry entry = entry(request, requestId, key, operation);
    AuditLog.Scope scope = new AuditLog.Scope(key.account().value());
    try {
      ObjectNode body = AwsJson.parse(request.body());
      ShapeReader reader = new ShapeReader(body);
      Request input = operation.read(reader);
      reader.finish();
      entry = withParameters(entry, AwsJson.auditText(input));
      Optional<OrganizationId> named = organization(body).map(OrganizationId::new);
      Optional<OrganizationId> own = named.filter(id -> isOwn(key, id));
      // A denial is the organization's to know as well; the caller cannot tell from it whether the
      // organization exists.
      if (own.isPresent()) scope = new AuditLog.Scope(own.get().value());
      policy.check(key, AccessPolicy.action(operation, body), own, request, body);
      if (named.isPresent()) directory.organizations().load(key.account(), named.get());
      Response response = operations.carryOut(new Call(key, entry), input);
      if (READ_ONLY.contains(operation)) directory.audit().record(scope, entry);
      return response;
    } catch (RefusedException e) {
      throw refused(scope, entry, Refusals.answer(operation, e));
    } catch (ApiException e) {
      throw refused(scope, entry, e);
    } catch (UnavailableException e) {
      recordUnavailable(scope, entry);
      throw e;
    } catch (RuntimeException | AssertionError e) {
      LOG.error("{}: bug in {}", requestId, operation.wireName(), e);
      throw refused(scope, entry.repeated(uuid()), internalFailure());
    }
  }

  private boolean isOwn(AccessKey key, OrganizationId id) {
    try {
      directory.organizations().load(key.account(), id);
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  /// What failed half-way may have happened nevertheless, and then its own record comes through the
  /// outbox: so this one has an event id of its own. The store may be what is away; then all that
  /// can be done is to say so.
  private void recordUnavailable(AuditLog.Scope scope, AuditEntry entry) {
    ApiException error = unavailable();
    try {
      refused(scope, entry.repeated(uuid()), error);
    } catch (UnavailableException e) {
      LOG.warn("{}: {} was not recorded: {}", entry.requestId(), entry.eventName(), e.getMessage());
    }
  }

  private ApiException refused(AuditLog.Scope scope, AuditEntry entry, ApiException error) {
    directory.audit().record(scope, entry.failed(error.code(), cut(error.text())));
    return error;
  }

  /// Every input that names an organization names it in this member, already checked.
  private static Optional<String> organization(ObjectNode body) {
    JsonNode member = body.get("OrganizationId");
    return member != null && member.isString()
        ? Optional.of(member.stringValue())
        : Optional.empty();
  }

  private AuditEntry entry(
      HttpRequest request, String requestId, AccessKey key, Operation operation) {
    String account = key.account().value();
    AuditIdentity identity =
        key.userName()
            .map(user -> AuditIdentity.user(account, user, key.id()))
            .orElseGet(() -> AuditIdentity.root(account, Optional.of(key.id())));
    return new AuditEntry(
        identity,
        clock.instant(),
        AuditEntry.WORKMAIL_SOURCE,
        operation.wireName(),
        settings.region(),
        request.peer().getAddress().getHostAddress(),
        cut(request.headers().first("User-Agent").orElse("")),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        requestId,
        uuid());
  }

  private static AuditEntry withParameters(AuditEntry entry, String parameters) {
    int bytes = parameters.getBytes(StandardCharsets.UTF_8).length;
    // As CloudTrail does with what is too large for it.
    String kept =
        bytes <= AUDIT_TEXT_MAX ? parameters : "{\"omitted\":true,\"originalSize\":" + bytes + "}";
    return entry.asked(kept);
  }

  private static String cut(String text) {
    return text.length() <= CUT_CHARS_MAX ? text : text.substring(0, CUT_CHARS_MAX) + "…";
  }

  private String uuid() {
    long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  private static ApiException unavailable() {
    return new ApiException(
        "ServiceUnavailableException", 503, "The service is not available now. Try again.");
  }

  private static ApiException internalFailure() {
    return new ApiException(
        "InternalFailure", 500, "The request failed because of an internal error.");
  }

  private static Set<Operation> readOnly() {
    Set<Operation> operations = new HashSet<>();
    for (Operation operation : Operation.values()) {
      String name = operation.wireName();
      if (READING_WORDS.stream().anyMatch(name::startsWith)) operations.add(operation);
    }
    return Set.copyOf(operations);
  }
}
