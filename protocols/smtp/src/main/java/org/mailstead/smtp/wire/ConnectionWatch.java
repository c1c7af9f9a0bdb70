package org.mailstead.smtp.wire;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Ends connections whose time is over. One thread looks at all of them several times a second: ten
/// thousand deadlines are read in less than a millisecond, and no read or write needs a timer.
public final class ConnectionWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(200);

  private final Set<SmtpConnection> connections = ConcurrentHashMap.newKeySet();
  private final SmtpReply farewell;
  private final Thread thread;
  private volatile boolean closed;

  /// @param farewell what a peer hears that was silent for too long
  public ConnectionWatch(SmtpReply farewell) {
    this.farewell = farewell;
    thread = Thread.ofVirtual().name("smtp-watch").start(this::run);
  }

  public void add(SmtpConnection connection) {
    connections.add(connection);
  }

  public void remove(SmtpConnection connection) {
    connections.remove(connection);
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(PERIOD.toNanos());
      long now = System.nanoTime();
      for (SmtpConnection connection : connections) connection.endIfOverdue(now, farewell);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
