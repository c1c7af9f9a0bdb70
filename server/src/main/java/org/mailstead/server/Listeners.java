package org.mailstead.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Access;
import org.mailstead.core.access.LoginExtensions;
import org.mailstead.core.access.LoginLimits;
import org.mailstead.core.access.Logins;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;
import org.mailstead.core.access.TokenCredentials;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.domains.TransportPolicies;
import org.mailstead.core.logs.LogGroup;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.logs.LogSettings;
import org.mailstead.core.logs.LoginLog;
import org.mailstead.core.logs.WorkMailLogs;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.core.trace.TraceEntry;
import org.mailstead.http.HttpLimits;
import org.mailstead.http.HttpListener;
import org.mailstead.http.HttpServer;
import org.mailstead.http.HttpSettings;
import org.mailstead.http.Routes;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.FunctionClient;
import org.mailstead.imap.server.ImapAccess;
import org.mailstead.imap.server.ImapServer;
import org.mailstead.imap.server.ImapSettings;
import org.mailstead.imap.wire.ImapLimits;
import org.mailstead.interop.LdapLogins;
import org.mailstead.mailflow.AcceptanceDuties;
import org.mailstead.mailflow.AuthenticationSettings;
import org.mailstead.mailflow.MailEventListener;
import org.mailstead.mailflow.Mailflow;
import org.mailstead.mailflow.MailflowSettings;
import org.mailstead.mailflow.Smarthost;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.filter.Filtering;
import org.mailstead.mailflow.filter.MessageFilters;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.hooks.FunctionRoutes;
import org.mailstead.mailflow.hooks.HookLimits;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.outside.OutsideRequest;
import org.mailstead.mailflow.reports.MailReports;
import org.mailstead.mailflow.reports.ReportPost;
import org.mailstead.managesieve.server.ManageSieveServer;
import org.mailstead.managesieve.server.ManageSieveSettings;
import org.mailstead.managesieve.wire.ManageSieveLimits;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;
import org.mailstead.server.tls.TlsMaterial;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.SmtpServer;
import org.mailstead.smtp.server.SmtpServerSettings;
import org.mailstead.smtp.wire.SmtpLimits;
import org.mailstead.workmail.server.AvailabilitySettings;
import org.mailstead.workmail.server.MessageFlowApi;
import org.mailstead.workmail.server.QueueServices;
import org.mailstead.workmail.server.RequestRates;
import org.mailstead.workmail.server.WorkMailApi;
import org.mailstead.workmail.server.WorkMailSettings;
import org.mailstead.workmail.wire.ApiLimits;

/// Every listener of the service and the mail flow behind them, joined by constructors and opened
/// in order.
final class Listeners implements AutoCloseable {
  private static final int SPOOL_MEMORY_BYTES = 256 << 10;
  private static final String VERSION = "0.1";

  private final Domain domain;
  private final Settings settings;
  private final DataFolder data;
  private final TlsMaterial tls;
  private final WorkMailLogs logs;
  private final Logins logins;
  private final Access access;
  private final SendingMaxima maxima;
  private final MessageLimitSettings sizes;
  private final SendingLimits sendingLimits;
  private final Map<String, InetSocketAddress> endpoints = new LinkedHashMap<>();
  private Optional<Mailflow> mailflow = Optional.empty();
  private Optional<MailReports> reports = Optional.empty();
  private Optional<SmtpServer> smtp = Optional.empty();
  private Optional<ImapServer> imap = Optional.empty();
  private Optional<ManageSieveServer> managesieve = Optional.empty();
  private Optional<HttpServer> http = Optional.empty();
  private final FunctionClient functions;
  private Optional<HttpServer> policies = Optional.empty();

  private Listeners(DataFolder data, Settings settings, Domain domain, TlsMaterial tls) {
    this.data = data;
    this.settings = settings;
    this.domain = domain;
    this.tls = tls;
    this.access = new Access(domain.directory().lookups(), domain.mailboxes());
    this.maxima = SendingLimitSettings.read(settings);
    this.sizes = MessageLimitSettings.read(settings);
    this.sendingLimits =
        new SendingLimits(domain.queue(), domain.directory(), maxima, domain.clock());
    this.functions = new FunctionClient(domain.clock());
    this.logs = logs(data, settings, domain);
    domain.directory().personalAccessTokens().tell(logs::add);
    this.logins =
        new Logins(
            domain.directory().lookups(),
            domain.passwords(),
            LoginLimits.standard(),
            loginExtensions(domain).withListener(new LoginLog(logs, domain.clock())),
            domain.clock(),
            domain.random(),
            Thread::sleep);
  }

  /// What logins know beside passwords.
  private static LoginExtensions loginExtensions(Domain domain) {
    Directory directory = domain.directory();
    var tokens =
        new TokenCredentials(
            directory.personalAccessTokens(), directory.identityProviders(), domain.clock());
    return LoginExtensions.none()
        .withPolicy(domain.accessRules())
        .withSource(tokens)
        .withSource(
            new LdapLogins(
                domain.directories(), directory, LoginLimits.standard(), tokens::allowsPassword));
  }

  private static WorkMailLogs logs(DataFolder data, Settings settings, Domain domain) {
    Set<LogGroup> groups = new HashSet<>();
    for (String name : settings.texts("logs.groups")) {
      groups.add(
          LogGroup.find(name)
              .orElseThrow(() -> new SettingsException("logs.groups: no such log: " + name)));
    }
    LogSettings usual = LogSettings.standard(data.root().resolve("logs"));
    String region = settings.text("server.region");
    MailSettings mail = new MailSettings(domain.directory());
    return new WorkMailLogs(
        new LogSettings(
            usual.folder(),
            groups,
            usual.fileBytesMax(),
            Math.max(1, settings.number("logs.total-megabytes")) << 20,
            Math.max(1, settings.count("logs.keep-days")),
            usual.queuedMax()),
        id -> Deliveries.organization(domain, id).map(o -> o.arn(region)).orElse(id.value()),
        id -> mail.findEmailMonitoring(id).isPresent(),
        domain.clock(),
        domain.random());
  }

  SendingLimits sendingLimits() {
    return sendingLimits;
  }

  /// How the filters do that look into messages.
  List<MessageFilters.Health> filterHealth() {
    return mailflow.map(Mailflow::filterHealth).orElse(List.of());
  }

  WorkMailLogs logs() {
    return logs;
  }

  /// Writes down what is counted for reports.
  void flushReports() {
    reports.ifPresent(MailReports::flush);
  }

  void sendReports() {
    mailflow.ifPresent(Mailflow::sendReports);
  }

  /// @throws RefusedException a port is in use: setting and port are named
  static Listeners open(DataFolder data, Settings settings, Domain domain, TlsMaterial tls)
      throws IOException {
    Listeners listeners = new Listeners(data, settings, domain, tls);
    try {
      listeners.refuseTakenPorts();
      listeners.openMail();
      listeners.openImap();
      listeners.openManageSieve();
      listeners.openApi();
      listeners.openPolicies();
      return listeners;
    } catch (IOException | RuntimeException e) {
      listeners.close();
      throw e;
    }
  }

  /// By name, where each listener listens.
  Map<String, InetSocketAddress> endpoints() {
    return Map.copyOf(endpoints);
  }

  void reloadTls() {
    http.ifPresent(HttpServer::reloadTls);
    policies.ifPresent(HttpServer::reloadTls);
  }

  /// The servers below name ports, not settings; this names both, before anything is open.
  private void refuseTakenPorts() throws IOException {
    for (String key :
        List.of(
            "smtp",
            "submission",
            "submissions",
            "lmtp",
            "imap",
            "imaps",
            "managesieve",
            "api",
            "mta-sts")) {
      Optional<InetSocketAddress> address = settings.address("listen." + key);
      if (address.isEmpty()) continue;
      if (address.get().isUnresolved()) {
        throw new SettingsException(
            "listen." + key + ": unknown host " + address.get().getHostString());
      }
      try (ServerSocket probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(address.get());
      } catch (BindException e) {
        throw new RefusedException(
            Refusal.IN_USE,
            "listen."
                + key
                + ": "
                + address.get().getHostString()
                + ":"
                + address.get().getPort()
                + " is in use or may not be used ("
                + e.getMessage()
                + ")");
      }
    }
  }

  private void openMail() throws IOException {
    MailReports mailReports =
        new MailReports(
            DomainNames.reportSettings(settings),
            domain.directory(),
            domain.queue(),
            new DnsResolver(DomainNames.dnsSettings(settings), domain.clock()),
            new ReportPost(new OutsideRequest(defaultTrust())),
            ReportLimits.standard(),
            domain.clock());
    reports = Optional.of(mailReports);
    Mailflow flow =
        new Mailflow(
            mailflowSettings(),
            domain.queue(),
            domain.directory(),
            domain.keys(),
            access,
            domain.mailboxes(),
            defaultTrust(),
            data.spool(),
            domain.clock(),
            domain.random(),
            new AcceptanceDuties(
                Optional.of(sendingLimits),
                Optional.of(new Journaling(domain.directory(), domain.random())),
                Optional.of(
                    new FunctionCalls(
                        FunctionCalls.over(functionRoutes(), functions, HookLimits.ANSWER_TIME_MAX),
                        domain.flow())),
                Optional.of(mailReports)),
            new Filtering(MessageFilterSettings.read(settings), Optional.of(domain.spam())),
            new MailEventListener() {
              @Override
              public void happened(LogRecord.Email record) {
                logs.add(record);
              }

              @Override
              public boolean isTracing() {
                return domain.trace().isOn();
              }

              @Override
              public void traced(TraceEntry entry) {
                domain.trace().add(entry);
              }
            });
    mailflow = Optional.of(flow);
    flow.start();
    List<Named> wanted =
        List.of(
            new Named("smtp", SessionFacts.Kind.INBOUND, false),
            new Named("submission", SessionFacts.Kind.SUBMISSION, false),
            new Named("submissions", SessionFacts.Kind.SUBMISSION, true),
            new Named("lmtp", SessionFacts.Kind.LMTP, false));
    List<Named> open =
        wanted.stream().filter(n -> settings.address("listen." + n.name()).isPresent()).toList();
    SmtpServer server =
        SmtpServer.start(
            new SmtpServerSettings(
                settings.text("server.hostname"),
                open.stream()
                    .map(n ->
                        new SmtpServerSettings.Listener(
                            n.kind(),
                            settings.address("listen." + n.name()).orElseThrow(),
                            n.tls()))
                    .toList(),
                new SmtpLimits(
                    SmtpLimits.Sizes.standard().withMessageBytesMax(sizes.messageBytes()),
                    SmtpLimits.Counts.standard()
                        .withRecipientsMax(sizes.recipients())
                        .withSessions(connections(), connectionsPerAddress()),
                    SmtpLimits.Times.standard()),
                SmtpServerSettings.BareLineEnds.NORMALIZE,
                false,
                data.spool(),
                SPOOL_MEMORY_BYTES),
            flow.reception(),
            new MailLogins(logins, Protocol.SMTP),
            Optional.of(tls),
            domain.clock());
    smtp = Optional.of(server);
    for (int i = 0; i < open.size(); i++) {
      endpoints.put(open.get(i).name(), server.addresses().get(i));
    }
  }

  private FunctionRoutes functionRoutes() {
    Optional<FunctionClient.Endpoint> standard = Optional.empty();
    Optional<URI> uri = lambdaEndpoint();
    if (uri.isPresent()) {
      String key = settings.text("lambda.access-key-id");
      String secret = settings.text("lambda.secret-access-key");
      standard =
          Optional.of(
              new FunctionClient.Endpoint(
                  uri.get(),
                  key.isEmpty() ? Optional.empty() : Optional.of(new Credentials(key, secret))));
    }
    try {
      return FunctionRoutes.parse(settings.texts("lambda.functions"), standard);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("lambda.functions: " + e.getMessage());
    }
  }

  private Optional<URI> lambdaEndpoint() {
    String endpoint = settings.text("lambda.endpoint");
    if (endpoint.isEmpty()) return Optional.empty();
    URI uri;
    try {
      uri = URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("lambda.endpoint: not a URL: " + endpoint);
    }
    if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
      throw new SettingsException("lambda.endpoint: not an http or https URL: " + endpoint);
    }
    return Optional.of(uri);
  }

  private record Named(String name, SessionFacts.Kind kind, boolean tls) {}

  private MailflowSettings mailflowSettings() {
    MailflowSettings usual = MailflowSettings.of(settings.text("server.hostname"));
    EmailAddress postmaster =
        EmailAddress.parse("admin@" + FirstRun.organization(domain).testDomain());
    return new MailflowSettings(
        usual.hostname(),
        Optional.of(postmaster),
        usual.retryDelays(),
        Duration.ofHours(settings.number("outbound.expire-hours")),
        usual.delayReportAfter(),
        settings.address("outbound.smarthost").map(this::smarthost),
        DomainNames.dnsSettings(settings),
        usual.remotePort(),
        usual.concurrency(),
        usual.concurrencyPerDestination(),
        usual.clientTimeouts(),
        settings.address("listen.smtp").map(Set::of).orElse(Set.of()),
        authenticationSettings());
  }

  private AuthenticationSettings authenticationSettings() {
    try {
      return new AuthenticationSettings(
          settings.isOn("authentication.inbound"),
          settings.texts("authentication.trusted-networks").stream()
              .map(AuthenticationSettings.Network::parse)
              .toList(),
          Set.copyOf(settings.texts("authentication.trusted-sealers")));
    } catch (IllegalArgumentException e) {
      throw new SettingsException("authentication.trusted-networks: " + e.getMessage());
    }
  }

  private Smarthost smarthost(InetSocketAddress host) {
    String user = settings.text("outbound.smarthost-user");
    String password = settings.text("outbound.smarthost-password");
    Optional<Smarthost.Credentials> credentials =
        user.isEmpty() ? Optional.empty() : Optional.of(new Smarthost.Credentials(user, password));
    try {
      return new Smarthost(host.getHostString(), host.getPort(), smarthostTls(), credentials);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("outbound.smarthost: " + e.getMessage());
    }
  }

  private ClientSettings.Tls smarthostTls() {
    String text = settings.text("outbound.smarthost-tls");
    return switch (text) {
      case "required" -> ClientSettings.Tls.VERIFIED;
      case "opportunistic" -> ClientSettings.Tls.OPPORTUNISTIC;
      case "none" -> ClientSettings.Tls.NONE;
      default ->
          throw new SettingsException(
              "outbound.smarthost-tls: required, opportunistic or none, not " + text);
    };
  }

  private void openImap() throws IOException {
    ImapServer server =
        new ImapServer(
            new ImapSettings(
                ImapLimits.STANDARD
                    .withAppendBytesMax(sizes.appendBytes())
                    .withSessionCounts(connections(), connectionsPerAddress()),
                settings.isOn("login.plain-without-tls"),
                data.spool(),
                VERSION),
            new MailLogins(logins, Protocol.IMAP),
            domain.mailboxes(),
            new SharedFolders(access, domain.directory()),
            Optional.of(tls),
            domain.clock(),
            logs.isOn(LogGroup.WORKMAIL_MAILBOX_ACCESS_LOGS)
                ? Optional.of(this::logAccess)
                : Optional.empty());
    imap = Optional.of(server);
    Optional<InetSocketAddress> plain = settings.address("listen.imap");
    if (plain.isPresent()) {
      endpoints.put("imap", server.listen(plain.get(), ImapServer.Security.STARTTLS));
    }
    Optional<InetSocketAddress> secure = settings.address("listen.imaps");
    if (secure.isPresent()) {
      endpoints.put("imaps", server.listen(secure.get(), ImapServer.Security.IMPLICIT_TLS));
    }
  }

  private void openManageSieve() throws IOException {
    Optional<InetSocketAddress> address = settings.address("listen.managesieve");
    if (address.isEmpty()) return;
    ManageSieveServer server =
        new ManageSieveServer(
            new ManageSieveSettings(
                ManageSieveLimits.STANDARD.withSessionCounts(
                    connections(), connectionsPerAddress()),
                settings.isOn("login.plain-without-tls")),
            // Access rules have no word of their own for it: it goes with IMAP.
            new MailLogins(logins, Protocol.IMAP),
            domain.mailboxes(),
            Optional.of(tls));
    managesieve = Optional.of(server);
    endpoints.put("managesieve", server.listen(address.get()));
  }

  private void logAccess(ImapAccess access) {
    Principal principal = access.principal();
    logs.add(
        new LogRecord.MailboxAccess(
            domain.clock().instant(),
            principal.organization(),
            principal.user().value(),
            principal.actor().map(EntityId::value),
            Protocol.IMAP.workMailName(),
            access.peer().getHostAddress(),
            Optional.empty(),
            access.action(),
            Optional.empty(),
            access.objectType(),
            Optional.empty(),
            access.folder(),
            access.folderId(),
            access.allowed()));
  }

  private RequestRates rates() {
    try {
      return new RequestRates(
          settings.count("api.reads-per-second"),
          settings.count("api.writes-per-second"),
          settings.count("api.heavy-per-second"));
    } catch (IllegalArgumentException e) {
      throw new SettingsException("api.…-per-second: " + e.getMessage());
    }
  }

  private void openApi() {
    Optional<InetSocketAddress> address = settings.address("listen.api");
    if (address.isEmpty()) return;
    byte[] pageTokenKey = new byte[32];
    domain.random().nextBytes(pageTokenKey);
    WorkMailApi api =
        new WorkMailApi(
            domain.directory(),
            domain.synchronization(),
            domain.exports(),
            new QueueServices(
                domain.queue(),
                new QueueStatus(domain.store(), domain.clock()),
                maxima,
                domain.trace(),
                domain.mailboxes()),
            new WorkMailSettings(
                settings.text("server.region"), domain.domainSettings(), availability(), rates()),
            domain.clock(),
            domain.random(),
            pageTokenKey);
    HttpServer server =
        new HttpServer(
            new HttpSettings(
                List.of(
                    new HttpListener(
                        "api", address.get().getAddress(), address.get().getPort(), true)),
                HttpLimits.STANDARD),
            Routes.health()
                .exact("/", ApiLimits.BODY_BYTES_MAX, api)
                .prefix(MessageFlowApi.PATH, MessageFlowApi.BODY_BYTES_MAX, messageFlowApi())
                .exact(TransportPolicyHandler.PATH, 0, transportPolicies()),
            Optional.of(tls));
    http = Optional.of(server);
    server.start();
    endpoints.put("api", server.address("api"));
  }

  /// A listener that answers for nothing but policies, as it is open to everybody.
  private void openPolicies() {
    Optional<InetSocketAddress> address = settings.address("listen.mta-sts");
    if (address.isEmpty()) return;
    HttpServer server =
        new HttpServer(
            new HttpSettings(
                List.of(
                    new HttpListener(
                        "mta-sts", address.get().getAddress(), address.get().getPort(), true)),
                HttpLimits.STANDARD),
            Routes.health().exact(TransportPolicyHandler.PATH, 0, transportPolicies()),
            Optional.of(tls));
    policies = Optional.of(server);
    server.start();
    endpoints.put("mta-sts", server.address("mta-sts"));
  }

  private TransportPolicyHandler transportPolicies() {
    return new TransportPolicyHandler(
        new TransportPolicies(domain.directory()), domain.domainSettings().mailHost());
  }

  private MessageFlowApi messageFlowApi() {
    return new MessageFlowApi(
        domain.directory(),
        domain.flow(),
        domain.buckets(),
        settings.text("server.region"),
        (int) sizes.messageBytes(),
        domain.clock(),
        domain.random());
  }

  private AvailabilitySettings availability() {
    AvailabilitySettings usual = AvailabilitySettings.standard().withLog(logs::add);
    Optional<URI> uri = lambdaEndpoint();
    String key = settings.text("lambda.access-key-id");
    String secret = settings.text("lambda.secret-access-key");
    if (key.isEmpty() != secret.isEmpty()) {
      throw new SettingsException(
          "lambda.access-key-id and lambda.secret-access-key belong together");
    }
    // Free/busy is asked with a signature only.
    if (uri.isEmpty() || key.isEmpty()) return usual;
    return usual.withLambda(
        new AvailabilitySettings.LambdaEndpoint(uri.get(), new Credentials(key, secret)));
  }

  private int connections() {
    return settings.count("limits.connections");
  }

  private int connectionsPerAddress() {
    return settings.count("limits.connections-per-address");
  }

  private static SSLContext defaultTrust() throws IOException {
    try {
      return SSLContext.getDefault();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IOException("this JDK has no TLS", e);
    }
  }

  @Override
  public void close() {
    smtp.ifPresent(SmtpServer::close);
    imap.ifPresent(ImapServer::close);
    managesieve.ifPresent(ManageSieveServer::close);
    http.ifPresent(HttpServer::close);
    policies.ifPresent(HttpServer::close);
    mailflow.ifPresent(Mailflow::close);
    functions.close();
    logs.close();
  }
}
