package org.mailstead.mailflow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.mailflow.reports.TlsObservations;
import org.mailstead.mailflow.transport.StsPolicies;
import org.mailstead.mailflow.transport.StsPolicy;
import org.mailstead.mailflow.transport.TransportSecurity;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.client.Delivery;
import org.mailstead.smtp.client.PeerRefusedException;
import org.mailstead.smtp.client.SmtpClient;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives messages to other servers: to the smarthost, or to the mail exchangers of each domain.
/// Connections are kept for a few seconds and used for the next message to the same destination.
/// One file, because the connections, their bounds and what a failed attempt says about its
/// destination are one state.
final class RemoteDelivery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteDelivery.class);

  /// All mail goes to one place.
  private static final String SMARTHOST = "(smarthost)";

  /// A destination that could not be reached is left alone for so long.
  private static final Duration UNREACHABLE_KEPT = Duration.ofSeconds(30);

  private final MailflowSettings settings;
  private final MailExchangers exchangers;
  private final TransportSecurity security;
  private final GatewayRoutes gateways;
  private final SSLContext sslContext;
  private final Optional<TlsObservations> observations;
  private final InstantSource clock;
  private final Map<String, Destination> destinations = new ConcurrentHashMap<>();

  /// Connections in use at once, whatever the destination; taken after the destination's own.
  private final Semaphore inUse;

  private volatile boolean closed;

  RemoteDelivery(
      MailflowSettings settings,
      MailExchangers exchangers,
      TransportSecurity security,
      GatewayRoutes gateways,
      SSLContext sslContext,
      Optional<TlsObservations> observations,
      InstantSource clock) {
    this.settings = settings;
    this.exchangers = exchangers;
    this.security = security;
    this.gateways = gateways;
    this.sslContext = sslContext;
    this.observations = observations;
    this.clock = clock;
    this.inUse = new Semaphore(settings.concurrency());
  }

  /// The key under which mail to this recipient shares connections.
  String destination(QueueEnvelope envelope, QueueRecipient recipient) {
    if (recipient.target() instanceof QueueRecipient.Target.Gateway(String id)) {
      return gateways.destination(envelope.organization(), id);
    }
    return settings.smarthost().isPresent() ? SMARTHOST : recipient.address().domain();
  }

  /// Delivers to recipients of one destination; an answer for each of them.
  ///
  /// @param recipients by recipient index
  /// @param content without the lines of final delivery
  Map<Integer, AttemptResult> deliver(
      String destinationName,
      QueueEnvelope envelope,
      Map<Integer, QueueRecipient> recipients,
      Content content) {
    Destination destination = enter(destinationName, TlsNeed.of(envelope.requireTls(), content));
    try {
      destination.permits.acquire();
      try {
        inUse.acquire();
        try {
          return deliverParts(destination, envelope, recipients, content);
        } finally {
          inUse.release();
        }
      } finally {
        destination.permits.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return allOf(recipients, retry(SmtpReply.of(451, "4.3.2", "The server is stopping")));
    } finally {
      leave(destination);
    }
  }

  private Map<Integer, AttemptResult> deliverParts(
      Destination destination,
      QueueEnvelope envelope,
      Map<Integer, QueueRecipient> recipients,
      Content content) {
    Map<Integer, AttemptResult> results = new TreeMap<>();
    List<Integer> part = new ArrayList<>();
    for (Integer index : recipients.keySet()) {
      part.add(index);
      if (part.size() == MailflowLimits.RECIPIENTS_PER_TRANSACTION_MAX) {
        results.putAll(deliverPart(destination, envelope, part, recipients, content));
        part.clear();
      }
    }
    if (!part.isEmpty()) {
      results.putAll(deliverPart(destination, envelope, part, recipients, content));
    }
    return results;
  }

  /// Ends connections that nothing was sent over for a while. To be called about every second.
  void closeIdle() {
    long oldest = System.nanoTime() - MailflowLimits.CONNECTION_IDLE_MAX.toNanos();
    for (Destination destination : destinations.values()) {
      for (Connection idle : destination.takeIdleSince(oldest)) idle.client.quit();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Destination destination : destinations.values()) {
      for (Connection idle : destination.takeIdleSince(Long.MAX_VALUE)) idle.client.close();
    }
  }

  private Map<Integer, AttemptResult> deliverPart(
      Destination destination,
      QueueEnvelope envelope,
      List<Integer> indexes,
      Map<Integer, QueueRecipient> recipients,
      Content content) {
    List<RcptTo> to = new ArrayList<>(indexes.size());
    for (Integer index : indexes) to.add(rcptTo(Objects.requireNonNull(recipients.get(index))));
    Outgoing message = new Outgoing(mailFrom(envelope, content), to, content);
    Sent sent = send(destination, message);
    Map<Integer, AttemptResult> results = new TreeMap<>();
    for (int i = 0; i < indexes.size(); i++) results.put(indexes.get(i), sent.results().get(i));
    return results;
  }

  private record Outgoing(MailFrom from, List<RcptTo> to, Content content) {}

  private record Sent(List<AttemptResult> results) {
    static Sent all(int count, AttemptResult result) {
      return new Sent(java.util.Collections.nCopies(count, result));
    }
  }

  private Sent send(Destination destination, Outgoing message) {
    int count = message.to().size();
    Connection idle = destination.takeIdle();
    if (idle != null) {
      try {
        Sent sent = sendOver(destination, idle, message);
        // RFC 5321 §3.8: 421 before anything was said is a farewell, not an answer.
        if (!sent.results().stream().allMatch(result -> result.reply().code() == 421)) return sent;
      } catch (IOException e) {
        // The peer may have closed it while it waited: a fresh one decides.
        LOG.debug("a kept connection to {} is gone: {}", idle.mta, e.getMessage());
        idle.client.close();
      }
    }
    Opened opened = open(destination);
    if (opened.connection == null) return Sent.all(count, opened.failure);
    Connection connection = opened.connection;
    try {
      return sendOver(destination, connection, message);
    } catch (IOException e) {
      connection.client.close();
      LOG.info("connection to {} lost: {}", connection.mta, AttemptResult.clean(text(e)));
      SmtpReply reply = SmtpReply.of(451, "4.4.2", "The connection was lost before the answer");
      return Sent.all(
          count, new AttemptResult(AttemptResult.Kind.RETRY, reply, Optional.of(connection.mta)));
    }
  }

  /// As many recipients as the peer says it takes at a time (RFC 9422); the others after them.
  private Sent sendOver(Destination destination, Connection connection, Outgoing message)
      throws IOException {
    int count = connection.recipientCount(message.to());
    if (count == message.to().size()) return sendAll(destination, connection, message);
    Outgoing first =
        new Outgoing(message.from(), message.to().subList(0, count), message.content());
    Outgoing rest =
        new Outgoing(
            message.from(), message.to().subList(count, message.to().size()), message.content());
    List<AttemptResult> results =
        new ArrayList<>(sendAll(destination, connection, first).results());
    results.addAll(send(destination, rest).results());
    return new Sent(results);
  }

  private Sent sendAll(Destination destination, Connection connection, Outgoing message)
      throws IOException {
    Delivery delivery = connection.client.send(message.from(), message.to(), message.content());
    boolean reports = connection.client.isDsnOffered();
    List<AttemptResult> results = new ArrayList<>();
    for (Delivery.RecipientOutcome outcome : delivery.outcomes()) {
      AttemptResult.Kind kind;
      if (outcome.isDelivered()) {
        kind = reports ? AttemptResult.Kind.RELAYED : AttemptResult.Kind.RELAYED_WITHOUT_REPORTS;
      } else {
        kind = outcome.reply().isPermanent() ? AttemptResult.Kind.FAILED : AttemptResult.Kind.RETRY;
      }
      results.add(new AttemptResult(kind, outcome.reply(), Optional.of(connection.mta)));
    }
    connection.messages++;
    boolean farewell = results.stream().anyMatch(result -> result.reply().code() == 421);
    if (closed || farewell || connection.messages >= connection.messagesMax()) {
      connection.client.quit();
    } else {
      destination.keep(connection);
    }
    return new Sent(results);
  }

  /// A connection, or why there is none.
  private static final class Opened {
    private final @Nullable Connection connection;
    private final AttemptResult failure;

    Opened(@Nullable Connection connection, AttemptResult failure) {
      this.connection = connection;
      this.failure = failure;
    }
  }

  private Opened open(Destination destination) {
    Optional<AttemptResult> known = destination.findUnreachable(clock.instant());
    if (known.isPresent()) return new Opened(null, known.get());
    boolean gateway = GatewayRoutes.isGateway(destination.name);
    Opened opened =
        gateway
            ? openGateway(destination)
            : settings
                .smarthost()
                .map(smarthost -> openSmarthost(smarthost, destination.need))
                .orElseGet(() -> openExchanger(destination));
    if (opened.connection == null && (gateway || opened.failure.reply().isTemporary())) {
      destination.setUnreachable(clock.instant().plus(UNREACHABLE_KEPT), opened.failure);
    }
    return opened;
  }

  private Opened openGateway(Destination destination) {
    Optional<Smarthost> gateway = gateways.find(destination.name);
    if (gateway.isEmpty()) return new Opened(null, GatewayRoutes.gone());
    Opened opened = openSmarthost(gateway.get(), destination.need);
    return opened.connection == null
        ? new Opened(null, GatewayRoutes.unreachable(opened.failure))
        : opened;
  }

  private Opened openSmarthost(Smarthost smarthost, TlsNeed need) {
    // RFC 8689 §4.2.1: the operator has named the host, so its certificate is what is checked.
    ClientSettings.Tls tls =
        need == TlsNeed.REQUIRED && smarthost.tls() != ClientSettings.Tls.IMPLICIT_VERIFIED
            ? ClientSettings.Tls.VERIFIED
            : smarthost.tls();
    return switch (exchangers.findHost(smarthost.host())) {
      case MailExchangers.Route.Nowhere(SmtpReply reply) ->
          new Opened(null, result(reply, Optional.empty()));
      case MailExchangers.Route.Hosts(List<MailExchangers.Host> hosts) ->
          openFirst(
              hosts,
              smarthost.port(),
              _ -> new Wanted(tls, sslContext, "", new TransportSecurity.Demand.Verified()),
              smarthost.credentials(),
              need,
              SessionNotes.none());
    };
  }

  private Opened openExchanger(Destination destination) {
    String domain = destination.name;
    TlsNeed need = destination.need;
    return switch (exchangers.find(domain)) {
      case MailExchangers.Route.Nowhere(SmtpReply reply) ->
          new Opened(null, result(reply, Optional.empty()));
      case MailExchangers.Route.Hosts(List<MailExchangers.Host> hosts) -> {
        boolean looked = !domain.startsWith("[") && need != TlsNeed.RELAXED;
        StsPolicies.Found found =
            looked ? security.policy(domain) : new StsPolicies.Found(Optional.empty(), false);
        Optional<StsPolicy> enforced =
            found.policy().filter(policy -> policy.mode() == StsPolicy.Mode.ENFORCE);
        SessionNotes notes =
            looked ? new SessionNotes(observations, domain, found) : SessionNotes.none();
        int port = settings.remotePort();
        yield openFirst(
            hosts,
            port,
            host -> wanted(demand(need, domain, host, port, enforced)),
            Optional.empty(),
            need,
            notes);
      }
    };
  }

  private TransportSecurity.Demand demand(
      TlsNeed need,
      String domain,
      MailExchangers.Host host,
      int port,
      Optional<StsPolicy> enforced) {
    if (need == TlsNeed.RELAXED) return new TransportSecurity.Demand.Opportunistic();
    TransportSecurity.Demand demand =
        security.demand(domain, host.name(), port, host.secure(), enforced);
    if (need == TlsNeed.USUAL) return demand;
    return switch (demand) {
      case TransportSecurity.Demand.Dane _,
          TransportSecurity.Demand.Verified _,
          TransportSecurity.Demand.Forbidden _ ->
          demand;
      // RFC 8689 §4.2.1: the name must be as sure as the certificate that carries it.
      case TransportSecurity.Demand.Opportunistic _, TransportSecurity.Demand.Encrypted _ ->
          host.secure()
              ? new TransportSecurity.Demand.Verified()
              : new TransportSecurity.Demand.Forbidden(
                  "neither DNSSEC nor an MTA-STS policy vouches for its name (REQUIRETLS)");
    };
  }

  private Opened openFirst(
      List<MailExchangers.Host> hosts,
      int port,
      Function<MailExchangers.Host, Wanted> wanted,
      Optional<Smarthost.Credentials> credentials,
      TlsNeed need,
      SessionNotes notes) {
    int attempts = 0;
    AttemptResult last =
        retry(SmtpReply.of(451, "4.4.1", "No server of the domain can be reached"));
    boolean allPermanent = true;
    for (MailExchangers.Host host : hosts) {
      if (attempts >= MailflowLimits.ADDRESS_ATTEMPTS_MAX) break;
      Wanted security = wanted.apply(host);
      if (!security.forbidden().isEmpty()) {
        LOG.info("{} is not used: {}", host.name(), security.forbidden());
        notes.forbidden(security.demand(), host.name(), security.forbidden());
        if (need == TlsNeed.REQUIRED) {
          last = requireTlsFailed(host.name(), security.forbidden());
          continue;
        }
        // RFC 8461 §5: never a reason to give up at once.
        last =
            new AttemptResult(
                AttemptResult.Kind.RETRY,
                SmtpReply.of(
                    451,
                    "4.7.5",
                    AttemptResult.clean(host.name() + " is not used: " + security.forbidden())),
                Optional.of(host.name()));
        allPermanent = false;
        continue;
      }
      for (InetAddress address : host.addresses()) {
        if (attempts++ >= MailflowLimits.ADDRESS_ATTEMPTS_MAX) break;
        String mta = host.name();
        try {
          SmtpClient client =
              connect(new InetSocketAddress(address, port), host.name(), security, notes);
          notes.connected(security.demand(), mta, address, client.isEncrypted());
          if (need == TlsNeed.REQUIRED && !client.extensions().isOffered("REQUIRETLS")) {
            client.quit();
            last = requireTlsFailed(mta, "it does not offer REQUIRETLS");
            continue;
          }
          if (credentials.isPresent()) {
            authenticate(client, credentials.get());
          }
          return new Opened(new Connection(client, mta), last);
        } catch (PeerRefusedException e) {
          LOG.info("{} refuses: {}", mta, AttemptResult.clean(text(e)));
          if (text(e).startsWith("STARTTLS")) {
            notes.failed(security.demand(), mta, address, "starttls-not-supported", "");
            if (need == TlsNeed.REQUIRED) {
              last = requireTlsFailed(mta, "it does not encrypt");
              continue;
            }
          }
          last = result(e.reply(), Optional.of(mta));
          // RFC 7672 §2.2, RFC 8461 §5: that a server does not keep what its domain promises may be
          // somebody's work in between.
          allPermanent &= e.reply().isPermanent() && !security.isPromised();
        } catch (IOException e) {
          LOG.info("{} [{}] cannot be reached: {}", mta, address.getHostAddress(), text(e));
          if (e instanceof SSLException) {
            notes.failed(security.demand(), mta, address, SessionNotes.result(e), text(e));
            if (need == TlsNeed.REQUIRED) {
              last = requireTlsFailed(mta, "its certificate is not accepted: " + text(e));
              continue;
            }
          }
          String text = mta + " cannot be reached: " + AttemptResult.clean(text(e));
          last =
              new AttemptResult(
                  AttemptResult.Kind.RETRY,
                  SmtpReply.of(451, "4.4.1", AttemptResult.clean(text)),
                  Optional.of(mta));
          allPermanent = false;
        }
      }
    }
    // One server's refusal is not the domain's while another one may still say yes. A smarthost
    // that refuses our password does not refuse the recipient.
    boolean refusesUs = credentials.isPresent() && need != TlsNeed.REQUIRED;
    if (last.kind() == AttemptResult.Kind.FAILED && (!allPermanent || refusesUs)) {
      last = new AttemptResult(AttemptResult.Kind.RETRY, last.reply(), last.remoteMta());
    }
    return new Opened(null, last);
  }

  /// RFC 8689 §4.2.1, RFC 3463: X.7.30.
  private static AttemptResult requireTlsFailed(String mta, String reason) {
    return new AttemptResult(
        AttemptResult.Kind.FAILED,
        SmtpReply.of(
            550,
            "5.7.30",
            AttemptResult.clean("The sender requires TLS all the way: " + mta + ": " + reason)),
        Optional.of(mta));
  }

  /// @param forbidden why the host must not be used; empty: it may
  private record Wanted(
      ClientSettings.Tls tls,
      SSLContext context,
      String forbidden,
      TransportSecurity.Demand demand) {
    /// Whether the domain says that there is encryption.
    boolean isPromised() {
      return switch (tls) {
        case NONE, OPPORTUNISTIC -> false;
        case REQUIRED, VERIFIED, DANE, IMPLICIT_VERIFIED -> true;
      };
    }
  }

  private Wanted wanted(TransportSecurity.Demand demand) {
    return switch (demand) {
      case TransportSecurity.Demand.Opportunistic() ->
          new Wanted(ClientSettings.Tls.OPPORTUNISTIC, sslContext, "", demand);
      case TransportSecurity.Demand.Encrypted() ->
          new Wanted(ClientSettings.Tls.REQUIRED, sslContext, "", demand);
      case TransportSecurity.Demand.Dane(SSLContext context) ->
          new Wanted(ClientSettings.Tls.DANE, context, "", demand);
      case TransportSecurity.Demand.Verified() ->
          new Wanted(ClientSettings.Tls.VERIFIED, sslContext, "", demand);
      case TransportSecurity.Demand.Forbidden(String reason) ->
          new Wanted(ClientSettings.Tls.NONE, sslContext, reason, demand);
    };
  }

  private SmtpClient connect(
      InetSocketAddress address, String name, Wanted wanted, SessionNotes notes)
      throws IOException {
    if (wanted.tls() == ClientSettings.Tls.OPPORTUNISTIC && notes.isCounting()) {
      Optional<SmtpClient> tested = connectAsTested(address, name, notes);
      if (tested.isPresent()) return tested.get();
    }
    try {
      return SmtpClient.connect(address, name, clientSettings(wanted.tls()).with(wanted.context()));
    } catch (SSLException e) {
      // RFC 7435 §3: opportunistic means that broken encryption is no worse than none.
      if (wanted.tls() != ClientSettings.Tls.OPPORTUNISTIC) throw e;
      LOG.info("TLS with {} failed, going on without: {}", name, AttemptResult.clean(text(e)));
      return SmtpClient.connect(address, name, clientSettings(ClientSettings.Tls.NONE));
    }
  }

  /// As a policy that is being tried out would have it; empty: that fails, is told, and does not
  /// count (RFC 8461 §5).
  private Optional<SmtpClient> connectAsTested(
      InetSocketAddress address, String name, SessionNotes notes) throws IOException {
    Optional<StsPolicy> tested = notes.tested();
    if (tested.isEmpty()) return Optional.empty();
    TransportSecurity.Demand demand = new TransportSecurity.Demand.Verified();
    if (!tested.get().allows(name)) {
      notes.forbidden(demand, name, "the domain's MTA-STS policy does not name it");
      return Optional.empty();
    }
    try {
      return Optional.of(
          SmtpClient.connect(address, name, clientSettings(ClientSettings.Tls.VERIFIED)));
    } catch (SSLException e) {
      notes.failed(demand, name, address.getAddress(), SessionNotes.result(e), text(e));
      return Optional.empty();
    } catch (PeerRefusedException e) {
      if (!text(e).startsWith("STARTTLS")) throw e;
      return Optional.empty();
    }
  }

  private static void authenticate(SmtpClient client, Smarthost.Credentials credentials)
      throws IOException {
    try {
      client.authenticate(credentials.user(), credentials.password());
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  private ClientSettings clientSettings(ClientSettings.Tls tls) {
    return ClientSettings.standard(settings.hostname(), sslContext)
        .with(tls)
        .with(settings.clientTimeouts());
  }

  private static MailFrom mailFrom(QueueEnvelope envelope, Content content) {
    Optional<MailFrom.DsnReturn> returned =
        envelope
            .returnContent()
            .map(value ->
                switch (value) {
                  case FULL -> MailFrom.DsnReturn.FULL;
                  case HEADERS -> MailFrom.DsnReturn.HEADERS;
                });
    return new MailFrom(
        envelope.reversePath(),
        OptionalLong.of(content.length()),
        hasEightBit(content) ? MailFrom.BodyKind.EIGHT_BIT_MIME : MailFrom.BodyKind.SEVEN_BIT,
        envelope.smtpUtf8(),
        returned,
        envelope.envelopeId(),
        envelope.requireTls());
  }

  private static RcptTo rcptTo(QueueRecipient recipient) {
    Set<RcptTo.Notify> notifications = EnumSet.noneOf(RcptTo.Notify.class);
    for (QueueRecipient.Notify each : recipient.notifications()) {
      notifications.add(
          switch (each) {
            case NEVER -> RcptTo.Notify.NEVER;
            case SUCCESS -> RcptTo.Notify.SUCCESS;
            case FAILURE -> RcptTo.Notify.FAILURE;
            case DELAY -> RcptTo.Notify.DELAY;
          });
    }
    return new RcptTo(
        recipient.address(),
        notifications,
        recipient.originalRecipient().map(RemoteDelivery::originalRecipient));
  }

  private static RcptTo.OriginalRecipient originalRecipient(String text) {
    int semicolon = text.indexOf(';');
    return semicolon < 0
        ? new RcptTo.OriginalRecipient("rfc822", text)
        : new RcptTo.OriginalRecipient(
            text.substring(0, semicolon).toLowerCase(Locale.ROOT), text.substring(semicolon + 1));
  }

  private static boolean hasEightBit(Content content) {
    ByteBuffer bytes = content.buffer();
    while (bytes.remaining() >= 8) {
      if ((bytes.getLong() & 0x8080808080808080L) != 0) return true;
    }
    while (bytes.hasRemaining()) {
      if (bytes.get() < 0) return true;
    }
    return false;
  }

  private static AttemptResult result(SmtpReply reply, Optional<String> mta) {
    return new AttemptResult(
        reply.isPermanent() ? AttemptResult.Kind.FAILED : AttemptResult.Kind.RETRY, reply, mta);
  }

  private static AttemptResult retry(SmtpReply reply) {
    return new AttemptResult(AttemptResult.Kind.RETRY, reply, Optional.empty());
  }

  private static Map<Integer, AttemptResult> allOf(
      Map<Integer, QueueRecipient> recipients, AttemptResult result) {
    Map<Integer, AttemptResult> results = new TreeMap<>();
    for (Integer index : recipients.keySet()) results.put(index, result);
    return results;
  }

  private static String text(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /// Connections are shared by mail of the same need only.
  private Destination enter(String name, TlsNeed need) {
    return Objects.requireNonNull(
        destinations.compute(
            key(name, need),
            (_, known) -> {
              Destination destination =
                  known != null
                      ? known
                      : new Destination(name, need, settings.concurrencyPerDestination());
              destination.users++;
              return destination;
            }));
  }

  /// No name has a space in it.
  private static String key(String name, TlsNeed need) {
    return switch (need) {
      case USUAL -> name;
      case REQUIRED, RELAXED -> name + " " + need;
    };
  }

  private void leave(Destination left) {
    destinations.computeIfPresent(
        key(left.name, left.need),
        (_, destination) -> {
          destination.users--;
          boolean crowded = destinations.size() > MailflowLimits.DESTINATIONS_MAX;
          return destination.users == 0 && crowded && destination.isIdle() ? null : destination;
        });
  }

  /// A connection and how often it was used.
  private static final class Connection {
    private final SmtpClient client;
    private final String mta;
    private int messages;
    private long idleSince;

    Connection(SmtpClient client, String mta) {
      this.client = client;
      this.mta = mta;
    }

    /// RFC 9422 §3.2, §4: what the peer bounds.
    int messagesMax() {
      long max = client.extensions().limit("MAILMAX").orElse(Long.MAX_VALUE);
      return (int) Math.min(max, MailflowLimits.MESSAGES_PER_CONNECTION_MAX);
    }

    /// How many of the recipients, from the first one on, go into one transaction.
    int recipientCount(List<RcptTo> recipients) {
      long max = client.extensions().limit("RCPTMAX").orElse(Long.MAX_VALUE);
      long domainsMax = client.extensions().limit("RCPTDOMAINMAX").orElse(Long.MAX_VALUE);
      Set<String> domains = new java.util.HashSet<>();
      for (int i = 0; i < recipients.size(); i++) {
        domains.add(recipients.get(i).address().domain());
        if (i >= max || domains.size() > domainsMax) return Math.max(1, i);
      }
      return recipients.size();
    }
  }

  /// Where mail goes, how many go there at once, and the connections that wait.
  private static final class Destination {
    private final String name;
    private final TlsNeed need;
    private final Semaphore permits;
    private final java.util.ArrayDeque<Connection> idle = new java.util.ArrayDeque<>();
    private final java.util.concurrent.locks.ReentrantLock lock =
        new java.util.concurrent.locks.ReentrantLock();
    private Instant unreachableUntil = Instant.MIN;
    private @Nullable AttemptResult unreachable;

    /// Guarded by the map's own lock on the entry.
    private int users;

    Destination(String name, TlsNeed need, int permitCount) {
      this.name = name;
      this.need = need;
      this.permits = new Semaphore(permitCount);
    }

    @Nullable Connection takeIdle() {
      lock.lock();
      try {
        return idle.pollLast();
      } finally {
        lock.unlock();
      }
    }

    void keep(Connection connection) {
      lock.lock();
      try {
        connection.idleSince = System.nanoTime();
        idle.addLast(connection);
      } finally {
        lock.unlock();
      }
    }

    List<Connection> takeIdleSince(long nanos) {
      List<Connection> taken = new ArrayList<>();
      lock.lock();
      try {
        while (!idle.isEmpty()
            && (nanos == Long.MAX_VALUE || idle.getFirst().idleSince - nanos < 0)) {
          taken.add(idle.removeFirst());
        }
      } finally {
        lock.unlock();
      }
      return taken;
    }

    boolean isIdle() {
      lock.lock();
      try {
        return idle.isEmpty() && unreachable == null;
      } finally {
        lock.unlock();
      }
    }

    Optional<AttemptResult> findUnreachable(Instant now) {
      lock.lock();
      try {
        if (now.isAfter(unreachableUntil)) unreachable = null;
        return Optional.ofNullable(unreachable);
      } finally {
        lock.unlock();
      }
    }

    void setUnreachable(Instant until, AttemptResult result) {
      lock.lock();
      try {
        unreachableUntil = until;
        unreachable = result;
      } finally {
        lock.unlock();
      }
    }
  }
}
