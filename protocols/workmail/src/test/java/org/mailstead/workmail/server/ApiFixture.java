package org.mailstead.workmail.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Administrators;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.core.export.ExportTargets;
import org.mailstead.core.export.Exports;
import org.mailstead.core.export.MailboxArchive;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.TraceSettings;
import org.mailstead.http.HttpLimits;
import org.mailstead.http.HttpListener;
import org.mailstead.http.HttpServer;
import org.mailstead.http.HttpSettings;
import org.mailstead.http.Routes;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.AwsLimits;
import org.mailstead.http.aws.BucketTargets;
import org.mailstead.http.aws.Buckets;
import org.mailstead.http.aws.Credentials;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;
import org.mailstead.workmail.client.Endpoint;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.ApiLimits;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The API over HTTP on a core in memory, with an account of its own and its key. Closing it checks
/// the store.
public final class ApiFixture implements AutoCloseable {
  public static final String REGION = "eu-west-1";
  public static final JsonMapper JSON = JsonMapper.builder().build();

  final CoreFixture core;
  final Directory directory;
  final WorkMailApi api;
  final MailQueue queue;
  final QueueServices services;

  /// Tags by organization, for policies.
  final Map<String, Map<String, String>> tags = new ConcurrentHashMap<>();

  private final InstantSource clock;
  final Exports exports;
  final Path exportFolder;
  private final Buckets buckets;
  private final HttpServer server;
  private final AccountId account;
  private final AccessKey.WithSecret key;
  private final WorkMailClient client;

  public ApiFixture() {
    this(DirectoryLimits.standard());
  }

  ApiFixture(DirectoryLimits limits) {
    this(new CoreFixture(limits), Optional.empty());
  }

  /// By the real time, for callers that cannot be told another one.
  public static ApiFixture inRealTime() {
    return inRealTime(RequestRates.standard());
  }

  public static ApiFixture inRealTime(RequestRates rates) {
    return new ApiFixture(new CoreFixture(), Optional.of(InstantSource.system()), rates);
  }

  /// On a store that can be made to fail.
  static ApiFixture failing(FaultPlan plan) {
    TestClock clock = new TestClock();
    return new ApiFixture(
        new CoreFixture(
            DirectoryLimits.standard(),
            clock,
            new MemoryStore(clock),
            store -> new FailingStore(store, plan)),
        Optional.empty());
  }

  /// With providers of availability that can be called.
  static ApiFixture calling(AvailabilitySettings availability) {
    return new ApiFixture(
        new CoreFixture(),
        Optional.empty(),
        new WorkMailSettings(REGION, Optional.of("mx.example"), availability));
  }

  /// With records of domains that can be looked for.
  static ApiFixture checkingDomains(DomainCheckSettings domains) {
    return new ApiFixture(
        new CoreFixture(),
        Optional.empty(),
        new WorkMailSettings(
            REGION, domains, AvailabilitySettings.standard(), RequestRates.standard()));
  }

  /// The clock stands, so that no turn would come back: rates are tested where they are.
  private ApiFixture(CoreFixture core, Optional<InstantSource> clock) {
    this(
        core,
        clock,
        new RequestRates(RequestRates.RATE_MAX, RequestRates.RATE_MAX, RequestRates.RATE_MAX));
  }

  private ApiFixture(CoreFixture core, Optional<InstantSource> clock, RequestRates rates) {
    this(
        core,
        clock,
        new WorkMailSettings(
            REGION, Optional.of("mx.example"), AvailabilitySettings.standard(), rates));
  }

  private ApiFixture(CoreFixture core, Optional<InstantSource> clock, WorkMailSettings settings) {
    this.core = core;
    this.clock = clock.orElse(core.clock());
    directory = core.directory();
    SecureRandom random = new SecureRandom();
    byte[] tokenKey = new byte[32];
    random.nextBytes(tokenKey);
    exportFolder = folder();
    buckets =
        new Buckets(
            Map.of("export-folder", exportFolder),
            Optional.empty(),
            new AwsClient(this.clock, random, Thread::sleep, AwsLimits.PROMPT));
    exports = exports();
    queue =
        new MailQueue(
            core.store(),
            new Contents(core.store(), random),
            core.keys(),
            this.clock,
            random,
            "node");
    services =
        new QueueServices(
            queue,
            new QueueStatus(core.store(), this.clock),
            new SendingMaxima(4, 6, 3),
            new MessageTrace(
                core.store(), core.keys(), TraceSettings.standard(), this.clock, random),
            core.mailboxes());
    api =
        new WorkMailApi(
            directory,
            DirectorySynchronizer.none(),
            exports,
            services,
            settings,
            this.clock,
            random,
            tokenKey,
            organization ->
                tags.getOrDefault(organization.value(), directory.tags().of(organization)));
    server =
        new HttpServer(
            new HttpSettings(
                List.of(new HttpListener("api", InetAddress.getLoopbackAddress(), 0, false)),
                HttpLimits.STANDARD),
            Routes.health().exact("/", ApiLimits.BODY_BYTES_MAX, api),
            Optional.empty());
    server.start();
    account = directory.accounts().createAccount();
    key = key(account);
    client = client(key);
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("exports");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As the service makes them at its start, on the same store.
  Exports exports() {
    return exports(new BucketTargets(buckets));
  }

  private Exports exports(ExportTargets targets) {
    return new Exports(
        directory,
        core.mailboxes(),
        new MailboxArchive(new ContentSpool(exportFolder, 1 << 20), clock),
        targets,
        clock,
        new SecureRandom());
  }

  /// As if the service ended as soon as a job begins to write.
  Exports exportsThatEndAtOnce() {
    var ending = new AtomicReference<Exports>();
    Exports made =
        exports(
            new ExportTargets() {
              @Override
              public void check(String bucket, String key) {}

              @Override
              public Target open(String bucket, String key, String kmsKeyArn) {
                ending.get().beginClosing();
                throw new UnavailableException("ended", Duration.ZERO);
              }

              @Override
              public void delete(String bucket, String key) {}
            });
    ending.set(made);
    return made;
  }

  public Endpoint endpoint() {
    return new Endpoint(
        URI.create("http://127.0.0.1:" + server.port("api")), REGION, Optional.empty());
  }

  public Credentials credentials() {
    return new Credentials(key.key().id(), key.secret());
  }

  AccountId account() {
    return account;
  }

  AccessKey.WithSecret key(AccountId owner) {
    return directory.accounts().createKey(core.change("CreateAccessKey"), owner, Optional.empty());
  }

  /// A key of an administrator of the account, made if need be, with these policies attached.
  AccessKey.WithSecret administrator(String name, String... policies) {
    Administrators all = directory.administrators();
    if (all.findUser(account, name).isEmpty()) {
      all.createUser(core.change("CreateUser"), account, name);
    }
    for (String policy : policies) {
      all.userPolicy(core.change("AttachUserPolicy"), account, name, policy, true);
    }
    return directory
        .accounts()
        .createKey(core.change("CreateAccessKey"), account, Optional.of(name));
  }

  WorkMailClient client(AccessKey.WithSecret with) {
    return new WorkMailClient(endpoint(), new Credentials(with.key().id(), with.secret()), clock);
  }

  /// Calls an operation that must succeed. Single quotes stand for double ones.
  public ObjectNode call(String operation, String json) throws IOException {
    return call(client, operation, json);
  }

  ObjectNode call(String operation, ObjectNode input) throws IOException {
    return client.call(operation, input);
  }

  ObjectNode call(WorkMailClient by, String operation, String json) throws IOException {
    return by.call(operation, object(json));
  }

  /// Calls an operation that must fail with this error, which the operation must declare unless it
  /// is one of the frame's.
  ApiException refused(String operation, String json, String code) throws IOException {
    return refused(client, operation, json, code);
  }

  ApiException refused(WorkMailClient by, String operation, String json, String code)
      throws IOException {
    return refused(by, operation, json.replace('\'', '"').getBytes(UTF_8), code);
  }

  /// The same with a text that need not be JSON.
  ApiException refusedText(String operation, String body, String code) throws IOException {
    return refused(client, operation, body.getBytes(UTF_8), code);
  }

  private ApiException refused(WorkMailClient by, String operation, byte[] body, String code)
      throws IOException {
    try {
      ObjectNode answer = by.send(operation, body);
      throw new AssertionError(operation + " answered " + answer + " instead of " + code);
    } catch (ApiException e) {
      assertThat(e.code())
          .as("%s %s: %s", operation, new String(body, UTF_8), e.text())
          .isEqualTo(code);
      Set<ErrorCode> declared = Operation.find(operation).orElseThrow().errors();
      Refusals.modelled(code).ifPresent(known -> assertThat(declared).contains(known));
      return e;
    }
  }

  String organization(String alias) throws IOException {
    return text(call("CreateOrganization", "{'Alias':'" + alias + "'}"), "OrganizationId");
  }

  String user(String organization, String name) throws IOException {
    return text(
        call(
            "CreateUser",
            "{'OrganizationId':'%s','Name':'%s','DisplayName':'%s','Password':'Correct-horse-9'}"
                .formatted(organization, name, name)),
        "UserId");
  }

  String enabledUser(String organization, String name, String domain) throws IOException {
    String id = user(organization, name);
    call(
        "RegisterToWorkMail",
        "{'OrganizationId':'%s','EntityId':'%s','Email':'%s@%s'}"
            .formatted(organization, id, name, domain));
    return id;
  }

  String group(String organization, String name) throws IOException {
    return text(
        call("CreateGroup", "{'OrganizationId':'%s','Name':'%s'}".formatted(organization, name)),
        "GroupId");
  }

  /// Audit records, oldest first, after all effects are carried out.
  List<JsonNode> audit(String scope) {
    settle();
    List<JsonNode> records = new ArrayList<>();
    for (AuditLog.Stored stored :
        directory
            .audit()
            .read(
                new AuditLog.Scope(scope),
                clock.instant().minus(Duration.ofDays(1)),
                clock.instant().plus(Duration.ofDays(1)),
                1_000)) {
      records.add(JSON.readTree(stored.json()));
    }
    return records;
  }

  void settle() {
    while (directory.outbox().runOnce() > 0) {
      // Effects may cause others.
    }
  }

  static String text(JsonNode node, String member) {
    JsonNode value = node.path(member);
    assertThat(value.isString()).as("%s in %s", member, node).isTrue();
    return value.stringValue();
  }

  static ObjectNode object(String json) {
    return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
  }

  int port() {
    return server.port("api");
  }

  /// As if the domain's ownership had been shown.
  void verify(String organization, String domain) {
    directory
        .domains()
        .verified(core.change("VerifyDomain"), new OrganizationId(organization), domain, true);
  }

  @Override
  public void close() {
    client.close();
    server.close();
    exports.close();
    buckets.close();
    settle();
    core.close();
    try (Stream<Path> files = Files.walk(exportFolder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
