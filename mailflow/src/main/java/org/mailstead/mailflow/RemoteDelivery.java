package org.mailstead.mailflow;

import java.io.IOException;
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
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.mailflow.PeerConnector.Opened;
import org.mailstead.mailflow.reports.TlsObservations;
import org.mailstead.mailflow.transport.TransportSecurity;
import org.mailstead.smtp.client.Delivery;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives messages to other servers: to the smarthost, or to the mail exchangers of each domain.
/// Connections are kept for a few seconds and used for the next message to the same destination.
/// Who connects, and how safely, is [PeerConnector]; how many at once, [Turns]; here are the
/// connections that are kept, and what a failed attempt says about its destination.
final class RemoteDelivery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteDelivery.class);

  /// All mail goes to one place.
  private static final String SMARTHOST = "(smarthost)";

  /// Where everything takes its turns if all goes to one place: no destination has this number.
  private static final long SMARTHOST_PLACE = 6;

  /// A destination that could not be reached is left alone for so long.
  private static final Duration UNREACHABLE_KEPT = Duration.ofSeconds(30);

  private final MailflowSettings settings;
  private final GatewayRoutes gateways;
  private final PeerConnector connector;
  private final InstantSource clock;
  private final Map<String, Destination> destinations = new ConcurrentHashMap<>();

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
    this.gateways = gateways;
    this.connector =
        new PeerConnector(settings, exchangers, security, gateways, sslContext, observations);
    this.clock = clock;
  }

  /// The key under which mail to this recipient shares connections.
  String destination(QueueEnvelope envelope, QueueRecipient recipient) {
    if (recipient.target() instanceof QueueRecipient.Target.Gateway(String id)) {
      return gateways.destination(envelope.organization(), id);
    }
    return settings.smarthost().isPresent() ? SMARTHOST : recipient.address().domain();
  }

  /// Where such mail takes its turns: at the smarthost if there is one.
  long place(long destination) {
    return settings.smarthost().isPresent() ? SMARTHOST_PLACE : destination;
  }

  /// What mail to a destination gets to hear without an attempt, because one has just failed.
  ///
  /// @param content as for [#deliver]; its header is read
  Optional<AttemptResult> findUnreachable(
      String destinationName, QueueEnvelope envelope, Content content) {
    Destination known =
        destinations.get(key(destinationName, TlsNeed.of(envelope.requireTls(), content)));
    return known == null ? Optional.empty() : known.findUnreachable(clock.instant());
  }

  /// Delivers to recipients of one destination; an answer for each of them.
  ///
  /// @param turn hears whether the destination answers
  /// @param recipients by recipient index
  /// @param content without the lines of final delivery
  Map<Integer, AttemptResult> deliver(
      Turns.Turn turn,
      String destinationName,
      QueueEnvelope envelope,
      Map<Integer, QueueRecipient> recipients,
      Content content) {
    Destination destination = enter(destinationName, TlsNeed.of(envelope.requireTls(), content));
    try {
      return deliverParts(new Way(destination, turn), envelope, recipients, content);
    } finally {
      leave(destination);
    }
  }

  /// A destination, and who is to hear whether it answers.
  private record Way(Destination destination, Turns.Turn turn) {}

  private Map<Integer, AttemptResult> deliverParts(
      Way way, QueueEnvelope envelope, Map<Integer, QueueRecipient> recipients, Content content) {
    Map<Integer, AttemptResult> results = new TreeMap<>();
    List<Integer> part = new ArrayList<>();
    for (Integer index : recipients.keySet()) {
      part.add(index);
      if (part.size() == MailflowLimits.RECIPIENTS_PER_TRANSACTION_MAX) {
        results.putAll(deliverPart(way, envelope, part, recipients, content));
        part.clear();
      }
    }
    if (!part.isEmpty()) {
      results.putAll(deliverPart(way, envelope, part, recipients, content));
    }
    return results;
  }

  /// Ends connections that nothing was sent over for a while. To be called about every second.
  void closeIdle() {
    long oldest = System.nanoTime() - MailflowLimits.CONNECTION_IDLE_MAX.toNanos();
    for (Destination destination : destinations.values()) {
      for (PeerConnection idle : destination.takeIdleSince(oldest)) idle.client().quit();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Destination destination : destinations.values()) {
      for (PeerConnection idle : destination.takeIdleSince(Long.MAX_VALUE)) idle.client().close();
    }
  }

  private Map<Integer, AttemptResult> deliverPart(
      Way way,
      QueueEnvelope envelope,
      List<Integer> indexes,
      Map<Integer, QueueRecipient> recipients,
      Content content) {
    List<RcptTo> to = new ArrayList<>(indexes.size());
    for (Integer index : indexes) to.add(rcptTo(Objects.requireNonNull(recipients.get(index))));
    Outgoing message = new Outgoing(mailFrom(envelope, content), to, content);
    Sent sent = send(way, message);
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

  private Sent send(Way way, Outgoing message) {
    int count = message.to().size();
    PeerConnection idle = way.destination().takeIdle();
    if (idle != null) {
      try {
        Sent sent = sendOver(way, idle, message);
        // RFC 5321 §3.8: 421 before anything was said is a farewell, not an answer.
        if (!sent.results().stream().allMatch(result -> result.reply().code() == 421)) return sent;
      } catch (IOException e) {
        // The peer may have closed it while it waited: a fresh one decides.
        LOG.debug("a kept connection to {} is gone: {}", idle.mta(), e.getMessage());
        idle.client().close();
      }
    }
    Opened opened = open(way);
    PeerConnection connection = opened.connection();
    if (connection == null) return Sent.all(count, opened.failure());
    try {
      return sendOver(way, connection, message);
    } catch (IOException e) {
      connection.client().close();
      way.turn().lost();
      LOG.info(
          "connection to {} lost: {}",
          connection.mta(),
          AttemptResult.clean(PeerConnector.text(e)));
      SmtpReply reply = SmtpReply.of(451, "4.4.2", "The connection was lost before the answer");
      return Sent.all(
          count, new AttemptResult(AttemptResult.Kind.RETRY, reply, Optional.of(connection.mta())));
    }
  }

  /// As many recipients as the peer says it takes at a time (RFC 9422); the others after them.
  private Sent sendOver(Way way, PeerConnection connection, Outgoing message) throws IOException {
    int count = connection.recipientCount(message.to());
    if (count == message.to().size()) return sendAll(way, connection, message);
    Outgoing first =
        new Outgoing(message.from(), message.to().subList(0, count), message.content());
    Outgoing rest =
        new Outgoing(
            message.from(), message.to().subList(count, message.to().size()), message.content());
    List<AttemptResult> results = new ArrayList<>(sendAll(way, connection, first).results());
    results.addAll(send(way, rest).results());
    return new Sent(results);
  }

  private Sent sendAll(Way way, PeerConnection connection, Outgoing message) throws IOException {
    Delivery delivery = connection.client().send(message.from(), message.to(), message.content());
    way.turn().reached();
    boolean reports = connection.client().isDsnOffered();
    List<AttemptResult> results = new ArrayList<>();
    for (Delivery.RecipientOutcome outcome : delivery.outcomes()) {
      AttemptResult.Kind kind;
      if (outcome.isDelivered()) {
        kind = reports ? AttemptResult.Kind.RELAYED : AttemptResult.Kind.RELAYED_WITHOUT_REPORTS;
      } else {
        kind = outcome.reply().isPermanent() ? AttemptResult.Kind.FAILED : AttemptResult.Kind.RETRY;
      }
      results.add(new AttemptResult(kind, outcome.reply(), Optional.of(connection.mta())));
    }
    boolean more = connection.used();
    boolean farewell = results.stream().anyMatch(result -> result.reply().code() == 421);
    if (closed || farewell || !more) {
      connection.client().quit();
    } else {
      way.destination().keep(connection);
    }
    return new Sent(results);
  }

  private Opened open(Way way) {
    Destination destination = way.destination();
    Optional<AttemptResult> known = destination.findUnreachable(clock.instant());
    if (known.isPresent()) return new Opened(null, known.get());
    Opened opened = connector.open(destination.name, destination.need);
    boolean gateway = GatewayRoutes.isGateway(destination.name);
    if (opened.connection() == null && (gateway || opened.failure().reply().isTemporary())) {
      Instant until = clock.instant().plus(UNREACHABLE_KEPT);
      destination.setUnreachable(until, opened.failure());
      way.turn().failed(until);
    }
    return opened;
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

  /// Connections are shared by mail of the same need only.
  private Destination enter(String name, TlsNeed need) {
    return Objects.requireNonNull(
        destinations.compute(
            key(name, need),
            (_, known) -> {
              Destination destination = known != null ? known : new Destination(name, need);
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

  /// Where mail goes, and the connections that wait.
  private static final class Destination {
    private final String name;
    private final TlsNeed need;
    private final java.util.ArrayDeque<PeerConnection> idle = new java.util.ArrayDeque<>();
    private final java.util.concurrent.locks.ReentrantLock lock =
        new java.util.concurrent.locks.ReentrantLock();
    private Instant unreachableUntil = Instant.MIN;
    private @Nullable AttemptResult unreachable;

    /// Guarded by the map's own lock on the entry.
    private int users;

    Destination(String name, TlsNeed need) {
      this.name = name;
      this.need = need;
    }

    @Nullable PeerConnection takeIdle() {
      lock.lock();
      try {
        return idle.pollLast();
      } finally {
        lock.unlock();
      }
    }

    void keep(PeerConnection connection) {
      lock.lock();
      try {
        connection.setIdleSince(System.nanoTime());
        idle.addLast(connection);
      } finally {
        lock.unlock();
      }
    }

    List<PeerConnection> takeIdleSince(long nanos) {
      List<PeerConnection> taken = new ArrayList<>();
      lock.lock();
      try {
        while (!idle.isEmpty()
            && (nanos == Long.MAX_VALUE || idle.getFirst().idleSince() - nanos < 0)) {
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
