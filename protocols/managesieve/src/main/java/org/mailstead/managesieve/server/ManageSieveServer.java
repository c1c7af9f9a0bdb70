package org.mailstead.managesieve.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.managesieve.wire.ManageSieveLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts ManageSieve connections and counts them; each runs as a [ManageSieveSession] on a
/// virtual thread of its own. One thread ends sessions whose peer does not read.
public final class ManageSieveServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManageSieveServer.class);
  private static final int BACKLOG = 128;

  private final ManageSieveSettings settings;
  private final ManageSieveLogin login;
  private final Mailboxes mailboxes;
  private final Optional<Supplier<SSLContext>> tls;
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final Set<ManageSieveSession> sessions = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<InetAddress, AtomicInteger> countByAddress =
      new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bugCount = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param tls asked at each handshake, so that a new certificate holds from the next connection
  public ManageSieveServer(
      ManageSieveSettings settings,
      ManageSieveLogin login,
      Mailboxes mailboxes,
      Optional<Supplier<SSLContext>> tls) {
    this.settings = settings;
    this.login = login;
    this.mailboxes = mailboxes;
    this.tls = tls;
    Thread.ofVirtual().name("managesieve-clocks").start(this::watchWriters);
  }

  /// Opens a listener; port 0 takes a free one.
  ///
  /// @return where it listens
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(address, BACKLOG);
    synchronized (listeners) {
      listeners.add(listener);
    }
    Thread.ofVirtual().name("managesieve-accept").start(() -> accept(listener));
    return (InetSocketAddress) listener.getLocalSocketAddress();
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
    for (ManageSieveSession session : sessions) session.drop();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    while (count.get() > 0 && System.nanoTime() < deadline) LockSupport.parkNanos(1_000_000);
  }

  private void accept(ServerSocket listener) {
    while (closed.getCount() > 0) {
      try {
        admit(listener.accept());
      } catch (IOException e) {
        if (listener.isClosed()) return;
        // Out of descriptors, most likely: others must get the chance to close some.
        LOG.warn("cannot accept a connection: {}", e.getMessage());
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private void admit(Socket socket) {
    InetAddress address = socket.getInetAddress();
    ManageSieveLimits limits = settings.limits();
    int all = count.incrementAndGet();
    int same =
        countByAddress
            .compute(
                address,
                (_, before) -> {
                  AtomicInteger counter = before == null ? new AtomicInteger() : before;
                  counter.incrementAndGet();
                  return counter;
                })
            .get();
    boolean full = all > limits.sessionCountMax() || same > limits.sessionCountMaxPerAddress();
    Thread.startVirtualThread(() -> {
      try (socket) {
        if (full) refuse(socket);
        else serve(socket);
      } catch (IOException e) {
        LOG.debug("connection from {} ended: {}", address, e.getMessage());
      } catch (RuntimeException e) {
        bugCount.incrementAndGet();
        LOG.error("session ended by an error", e);
      } finally {
        leave(address);
      }
    });
  }

  private static void refuse(Socket socket) throws IOException {
    LOG.info("connection from {} refused: too many", socket.getInetAddress());
    socket
        .getOutputStream()
        .write("BYE (TRYLATER) \"Too many connections\"\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private void serve(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    var session =
        new ManageSieveSession(settings, login, mailboxes, tls, socket, bugCount::incrementAndGet);
    sessions.add(session);
    try {
      if (closed.getCount() > 0) session.run();
    } finally {
      sessions.remove(session);
    }
  }

  private void leave(InetAddress address) {
    count.decrementAndGet();
    countByAddress.computeIfPresent(
        address, (_, before) -> before.decrementAndGet() == 0 ? null : before);
  }

  private void watchWriters() {
    long timeout = settings.limits().writeTimeout().toNanos();
    try {
      while (!closed.await(1, TimeUnit.SECONDS)) {
        for (ManageSieveSession session : sessions) {
          if (session.writingNanos() > timeout) session.drop();
        }
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
