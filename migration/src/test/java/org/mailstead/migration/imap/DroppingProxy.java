package org.mailstead.migration.imap;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A bad line: every octet comes late, and each connection breaks after so many messages.
final class DroppingProxy implements AutoCloseable {
  private static final byte[] MARK = "BODY[]".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] APPENDED = "APPENDUID".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;
  private final int port;
  private final long delayNanos;
  private final int messagesMax;
  final AtomicInteger drops = new AtomicInteger();

  DroppingProxy(int port, long delayMillis, int messagesMax) throws IOException {
    this.port = port;
    this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
    this.messagesMax = messagesMax;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        carry(client, server, Integer.MAX_VALUE);
        carry(server, client, messagesMax);
      } catch (IOException e) {
        // The test is over.
        return;
      }
    }
  }

  private record Piece(byte[] octets, long due) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(due, ((Piece) other).due);
    }
  }

  private void carry(Socket from, Socket to, int max) {
    DelayQueue<Piece> way = new DelayQueue<>();
    Thread.ofVirtual()
        .start(() -> {
          try (OutputStream out = to.getOutputStream()) {
            while (true) {
              Piece piece = way.take();
              if (piece.octets().length == 0) {
                close(from);
                return;
              }
              out.write(piece.octets());
            }
          } catch (IOException | InterruptedException e) {
            close(from);
          }
        });
    Thread.ofVirtual()
        .start(() -> {
          int seen = 0;
          try (InputStream in = from.getInputStream()) {
            byte[] chunk = new byte[16 << 10];
            for (int got = in.read(chunk); got > 0; got = in.read(chunk)) {
              byte[] octets = java.util.Arrays.copyOf(chunk, got);
              seen += count(octets, MARK) + 10 * count(octets, APPENDED);
              if (seen > max) {
                drops.incrementAndGet();
                // What was sent before still arrives, then the line is dead.
                break;
              }
              way.add(new Piece(octets, System.nanoTime() + delayNanos));
            }
          } catch (IOException e) {
            close(to);
          }
          way.add(new Piece(new byte[0], System.nanoTime() + delayNanos));
        });
  }

  private static int count(byte[] octets, byte[] mark) {
    int count = 0;
    for (int i = 0; i + mark.length <= octets.length; i++) {
      if (java.util.Arrays.equals(octets, i, i + mark.length, mark, 0, mark.length)) count++;
    }
    return count;
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Broken, as intended.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
