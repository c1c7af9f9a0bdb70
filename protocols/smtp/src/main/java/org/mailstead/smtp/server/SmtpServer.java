package org.mailstead.smtp.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.mailstead.base.ContentSpool;
import org.mailstead.smtp.wire.ConnectionWatch;
import org.mailstead.smtp.wire.SmtpConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners of SMTP, submission and LMTP. Accepts, counts, and gives each connection a virtual
/// thread with an [SmtpSession].
///
/// Stopping: nothing is accepted any more; sessions between transactions hear 421 at once, running
/// transactions may finish within `SmtpLimits.Times.stop`, then they hear 421 too or are cut off.
/// What was not answered by then was not accepted, and the peer tries again.
public final class SmtpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SmtpServer.class);

  private static final int BACKLOG = 4096;
  private static final Duration AFTER_ACCEPT_FAILED = Duration.ofMillis(100);
  private static final Duration STOP_STEP = Duration.ofMillis(10);

  /// How long farewells may take after the time for transactions is over.
  private static final Duration FAREWELLS = Duration.ofMillis(500);

  private final SmtpServerSettings settings;
  private final Reception reception;
  private final SmtpLogin login;
  private final Optional<Supplier<SSLContext>> tls;
  private final InstantSource clock;
  private final ContentSpool memorySpool;
  private final ContentSpool fileSpool;
  private final ConnectionWatch watch = new ConnectionWatch(SmtpReplies.TIMEOUT);
  private final List<ServerSocket> sockets = new ArrayList<>();
  private final Set<SmtpSession> sessions = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<InetAddress, Integer> sessionsByAddress =
      new ConcurrentHashMap<>();
  private final AtomicInteger sessionCount = new AtomicInteger();
  private final AtomicInteger inMemoryCount = new AtomicInteger();
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicLong bugCount = new AtomicLong();
  private volatile boolean stopping;

  private SmtpServer(
      SmtpServerSettings settings,
      Reception reception,
      SmtpLogin login,
      Optional<Supplier<SSLContext>> tls,
      InstantSource clock) {
    this.settings = settings;
    this.reception = reception;
    this.login = login;
    this.tls = tls;
    this.clock = clock;
    memorySpool = new ContentSpool(settings.spoolFolder(), settings.spoolMemoryBytesMax());
    fileSpool = new ContentSpool(settings.spoolFolder(), 0);
  }

  /// Opens all listeners; each answers when this returns.
  ///
  /// @param tls asked for each handshake, so that a new certificate counts at once; without it
  ///   STARTTLS is not offered
  /// @throws IOException a port is taken or not allowed; no listener is left open then
  public static SmtpServer start(
      SmtpServerSettings settings,
      Reception reception,
      SmtpLogin login,
      Optional<Supplier<SSLContext>> tls,
      InstantSource clock)
      throws IOException {
    for (var listener : settings.listeners()) {
      if (listener.isTlsImplicit() && tls.isEmpty()) {
        throw new IllegalArgumentException("implicit TLS needs a certificate");
      }
    }
    var server = new SmtpServer(settings, reception, login, tls, clock);
    try {
      server.open();
    } catch (IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private void open() throws IOException {
    for (var listener : settings.listeners()) {
      var socket = new ServerSocket();
      sockets.add(socket);
      socket.setReuseAddress(true);
      try {
        socket.bind(listener.address(), BACKLOG);
      } catch (IOException e) {
        throw new IOException("cannot listen on " + listener.address() + ": " + e.getMessage(), e);
      }
    }
    for (int i = 0; i < sockets.size(); i++) {
      var socket = sockets.get(i);
      var listener = settings.listeners().get(i);
      Thread.ofVirtual().name("smtp-accept-" + i).start(() -> accept(socket, listener));
    }
  }

  /// Where the listeners listen, in the order of the settings: with the real port where 0 was asked
  /// for.
  public List<InetSocketAddress> addresses() {
    return sockets.stream()
        .map(socket -> (InetSocketAddress) socket.getLocalSocketAddress())
        .toList();
  }

  /// Sessions that are open now.
  public int sessionCount() {
    return sessionCount.get();
  }

  /// Sessions that were ended by a bug of ours.
  public long bugCount() {
    return bugCount.get();
  }

  // ---- accepting

  private void accept(ServerSocket listening, SmtpServerSettings.Listener listener) {
    while (!stopping) {
      try {
        begin(listening.accept(), listener);
      } catch (IOException e) {
        if (stopping || listening.isClosed()) return;
        // Out of file descriptors, most likely: it passes when sessions end.
        log.warn("cannot accept a connection: {}", e.getMessage());
        LockSupport.parkNanos(AFTER_ACCEPT_FAILED.toNanos());
      }
    }
  }

  private void begin(Socket socket, SmtpServerSettings.Listener listener) {
    InetAddress network = network(socket.getInetAddress());
    if (!enter(network)) {
      refuse(socket, listener);
      return;
    }
    SmtpConnection connection;
    try {
      connection = new SmtpConnection(socket, settings.limits().times().write());
    } catch (IOException e) {
      leave(network);
      log.debug("connection lost at once: {}", e.getMessage());
      closeQuietly(socket);
      return;
    }
    String id = Long.toHexString(lastId.incrementAndGet());
    var session = new SmtpSession(this, connection, listener, id, clock.instant());
    sessions.add(session);
    watch.add(connection);
    Thread.ofVirtual()
        .name("smtp-", lastId.get())
        .start(() -> {
          try {
            session.run();
          } finally {
            watch.remove(connection);
            sessions.remove(session);
            leave(network);
          }
        });
  }

  private static void closeQuietly(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("closing a socket: {}", e.getMessage());
    }
  }

  private boolean enter(InetAddress network) {
    var counts = settings.limits().counts();
    if (sessionCount.incrementAndGet() > counts.sessionsMax()) {
      sessionCount.decrementAndGet();
      return false;
    }
    if (sessionsByAddress.merge(network, 1, Integer::sum) > counts.sessionsPerAddressMax()) {
      leave(network);
      return false;
    }
    return true;
  }

  private void leave(InetAddress network) {
    sessionCount.decrementAndGet();
    sessionsByAddress.compute(
        network, (_, count) -> count == null || count == 1 ? null : count - 1);
  }

  /// Says 421 and closes. A new connection's send buffer is empty, so this never blocks the
  /// acceptor.
  private static void refuse(Socket socket, SmtpServerSettings.Listener listener) {
    try (socket) {
      if (listener.isTlsImplicit()) return;
      String reply = SmtpReplies.TOO_MANY_SESSIONS + "\r\n";
      socket.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
    } catch (IOException e) {
      log.debug("a refused connection was gone: {}", e.getMessage());
    }
  }

  /// What counts as one peer: an IPv4 address, or an IPv6 network of 64 bits, which is one
  /// customer.
  private static InetAddress network(InetAddress address) {
    if (!(address instanceof Inet6Address)) return address;
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, 8, 16, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }

  // ---- for sessions

  SmtpServerSettings settings() {
    return settings;
  }

  Reception reception() {
    return reception;
  }

  SmtpLogin login() {
    return login;
  }

  Optional<Supplier<SSLContext>> tls() {
    return tls;
  }

  boolean isStopping() {
    return stopping;
  }

  void countBug() {
    bugCount.incrementAndGet();
  }

  /// A place for one message: in memory while not too many are there already.
  MessageIntake newIntake() {
    long bytesMax = settings.limits().sizes().messageBytesMax();
    if (inMemoryCount.incrementAndGet() <= settings.limits().counts().messagesInMemoryMax()) {
      return new MessageIntake(memorySpool, bytesMax, inMemoryCount::decrementAndGet);
    }
    inMemoryCount.decrementAndGet();
    return new MessageIntake(fileSpool, bytesMax, () -> {});
  }

  // ---- stopping

  @Override
  public void close() {
    stopping = true;
    for (var socket : sockets) closeQuietly(socket);
    long end = System.nanoTime() + settings.limits().times().stop().toNanos();
    while (!sessions.isEmpty() && System.nanoTime() - end < 0) {
      for (SmtpSession session : sessions) {
        if (session.isInTransaction()) continue;
        var _ = session.connection().endIfWaiting(SmtpReplies.STOPPING);
      }
      LockSupport.parkNanos(STOP_STEP.toNanos());
    }
    for (SmtpSession session : sessions) {
      var _ = session.connection().endIfWaiting(SmtpReplies.STOPPING);
    }
    end = System.nanoTime() + FAREWELLS.toNanos();
    while (!sessions.isEmpty() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(STOP_STEP.toNanos());
    }
    for (SmtpSession session : sessions) session.connection().close();
    watch.close();
  }
}
