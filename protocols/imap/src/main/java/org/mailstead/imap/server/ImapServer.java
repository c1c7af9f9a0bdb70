package org.mailstead.imap.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.ContentSpool;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.imap.wire.BufferPool;
import org.mailstead.imap.wire.ImapLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts IMAP connections and counts them; each runs as an [ImapSession] on a virtual thread of
/// its own. One thread watches all sessions' clocks: who does not log in, is silent too long, or
/// does not read.
public final class ImapServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImapServer.class);
  private static final int BACKLOG = 1024;
  private static final Duration TLS_HANDSHAKE_MAX = Duration.ofSeconds(30);

  /// How a listener's connections begin.
  public enum Security {
    /// Plain; STARTTLS is offered if there is a certificate.
    STARTTLS,
    /// TLS at once (RFC 8314).
    IMPLICIT_TLS
  }

  private final ImapSettings settings;
  private final ImapServices services;
  private final Optional<Supplier<SSLContext>> tls;
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final Set<ImapSession> sessions = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<InetAddress, AtomicInteger> sessionsByAddress =
      new ConcurrentHashMap<>();
  private final AtomicInteger sessionCount = new AtomicInteger();
  private final AtomicLong bugCount = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param tls asked at each handshake, so that a new certificate holds from the next connection
  public ImapServer(
      ImapSettings settings,
      ImapLogin login,
      Mailboxes mailboxes,
      ImapSharing sharing,
      Optional<Supplier<SSLContext>> tls,
      InstantSource clock) {
    this(settings, login, mailboxes, sharing, tls, clock, Optional.empty());
  }

  /// @param accesses hears what users do with mailboxes
  public ImapServer(
      ImapSettings settings,
      ImapLogin login,
      Mailboxes mailboxes,
      ImapSharing sharing,
      Optional<Supplier<SSLContext>> tls,
      InstantSource clock,
      Optional<ImapAccess.Listener> accesses) {
    this.settings = settings;
    this.tls = tls;
    this.services =
        new ImapServices(
            settings,
            login,
            mailboxes,
            sharing,
            clock,
            new ContentSpool(settings.spoolFolder(), settings.limits().spoolMemoryBytes()),
            new BufferPool(),
            new MessageKeys(),
            new RecentMarks(clock.instant().getEpochSecond()),
            bugCount::incrementAndGet,
            accesses);
    Thread.ofVirtual().name("imap-clocks").start(this::watchClocks);
  }

  /// Opens a listener; port 0 takes a free one.
  ///
  /// @return where it listens
  public InetSocketAddress listen(InetSocketAddress address, Security security) throws IOException {
    if (security == Security.IMPLICIT_TLS && tls.isEmpty()) {
      throw new IllegalArgumentException("implicit TLS needs a certificate");
    }
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(address, BACKLOG);
    synchronized (listeners) {
      listeners.add(listener);
    }
    Thread.ofVirtual().name("imap-accept").start(() -> accept(listener, security));
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// Connections open now.
  public int sessionCount() {
    return sessionCount.get();
  }

  /// Commands that ended in an error of ours since the start.
  public long bugCount() {
    return bugCount.get();
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (listeners) {
      for (ServerSocket listener : listeners) closeQuietly(listener);
    }
    for (ImapSession session : sessions) session.shutDown();
    long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (sessionCount.get() > 0 && System.nanoTime() < deadline) {
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
    for (ImapSession session : sessions) session.drop();
  }

  private void accept(ServerSocket listener, Security security) {
    while (closed.getCount() > 0) {
      try {
        Socket socket = listener.accept();
        admit(socket, security);
      } catch (IOException e) {
        if (listener.isClosed()) return;
        // Out of descriptors, most likely: others must get the chance to close some.
        LOG.warn("cannot accept a connection: {}", e.getMessage());
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private void admit(Socket socket, Security security) {
    InetAddress address = socket.getInetAddress();
    ImapLimits limits = settings.limits();
    int all = sessionCount.incrementAndGet();
    int same =
        sessionsByAddress
            .compute(
                address,
                (_, count) -> {
                  AtomicInteger counter = count == null ? new AtomicInteger() : count;
                  counter.incrementAndGet();
                  return counter;
                })
            .get();
    if (all > limits.sessionCountMax() || same > limits.sessionCountMaxPerAddress()) {
      LOG.info("connection from {} refused: too many", address);
      leave(address);
      Thread.startVirtualThread(() -> refuse(socket, security));
      return;
    }
    Thread.startVirtualThread(() -> serve(socket, address, security));
  }

  /// RFC 9051 §7.1.5: a BYE as greeting; over TLS there is nobody yet to tell it to.
  private static void refuse(Socket socket, Security security) {
    try (socket) {
      if (security == Security.STARTTLS) {
        socket
            .getOutputStream()
            .write("* BYE [LIMIT] too many connections\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      LOG.debug("refused peer left first: {}", e.getMessage());
    }
  }

  private void serve(Socket socket, InetAddress address, Security security) {
    try (socket) {
      socket.setTcpNoDelay(true);
      Socket secured = security == Security.IMPLICIT_TLS ? handshake(socket) : socket;
      Optional<ImapSession.TlsStarter> starter =
          security == Security.STARTTLS && tls.isPresent()
              ? Optional.of(() -> handshake(socket))
              : Optional.empty();
      ImapSession session =
          new ImapSession(services, socket, secured, security == Security.IMPLICIT_TLS, starter);
      sessions.add(session);
      try {
        if (closed.getCount() == 0) session.shutDown();
        session.run();
      } finally {
        sessions.remove(session);
      }
    } catch (IOException e) {
      LOG.debug("connection from {} ended: {}", address, e.getMessage());
    } catch (RuntimeException e) {
      bugCount.incrementAndGet();
      LOG.error("session ended by an error", e);
    } finally {
      leave(address);
    }
  }

  private SSLSocket handshake(Socket socket) throws IOException {
    SSLContext context = tls.orElseThrow().get();
    SSLSocket secured =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(
                    socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
    secured.setUseClientMode(false);
    secured.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    socket.setSoTimeout((int) TLS_HANDSHAKE_MAX.toMillis());
    secured.startHandshake();
    socket.setSoTimeout(0);
    return secured;
  }

  private void leave(InetAddress address) {
    sessionCount.decrementAndGet();
    sessionsByAddress.computeIfPresent(
        address, (_, count) -> count.decrementAndGet() == 0 ? null : count);
  }

  private void watchClocks() {
    ImapLimits limits = settings.limits();
    long shortest =
        Math.min(
            limits.loginTimeout().toMillis(),
            Math.min(limits.idleTimeout().toMillis(), limits.writeTimeout().toMillis()));
    long tick = Math.clamp(shortest / 4, 10, 1000);
    try {
      while (!closed.await(tick, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        for (ImapSession session : sessions) session.checkClocks(now);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(ServerSocket listener) {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("closing a listener: {}", e.getMessage());
    }
  }
}
