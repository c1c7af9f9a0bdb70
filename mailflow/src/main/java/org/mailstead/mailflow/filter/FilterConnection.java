package org.mailstead.mailflow.filter;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A connection to a filter that lives for a limited time in all: a watch closes it when that is
/// over, whether the filter does not answer, does not read, or sends one octet a second. For one
/// thread.
final class FilterConnection implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final Duration lifetime;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ByteBuffer input = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
  private volatile boolean expired;

  private FilterConnection(SocketChannel channel, Duration lifetime) {
    this.channel = channel;
    this.lifetime = lifetime;
  }

  /// @param lifetime of all that is done with it, connecting included
  static FilterConnection open(FilterAddress address, Duration lifetime) throws IOException {
    var socketAddress = address.socketAddress();
    SocketChannel channel =
        socketAddress instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    var connection = new FilterConnection(channel, lifetime);
    connection.watch();
    try {
      if (socketAddress instanceof InetSocketAddress inet && inet.isUnresolved()) {
        throw new IOException("unknown host " + inet.getHostString());
      }
      channel.connect(socketAddress);
      return connection;
    } catch (IOException e) {
      connection.close();
      throw connection.failed(e);
    } catch (UnresolvedAddressException e) {
      connection.close();
      throw new IOException("unknown host", e);
    }
  }

  private void watch() {
    Thread.ofVirtual()
        .name("filter-watch")
        .start(() -> {
          try {
            if (closed.await(lifetime.toMillis(), TimeUnit.MILLISECONDS)) return;
            expired = true;
            channel.close();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (IOException e) {
            // It is closed as far as anybody can tell.
          }
        });
  }

  void write(byte[] octets) throws IOException {
    write(ByteBuffer.wrap(octets));
  }

  void write(String ascii) throws IOException {
    write(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  void write(ByteBuffer octets) throws IOException {
    try {
      while (octets.hasRemaining()) channel.write(octets);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Nothing more comes from us.
  void finish() throws IOException {
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// The next octet; -1 at the end.
  int read() throws IOException {
    return fill() ? input.get() & 0xff : -1;
  }

  /// Exactly so many octets.
  ///
  /// @throws EOFException fewer came
  byte[] read(int count) throws IOException {
    byte[] octets = new byte[count];
    int at = 0;
    while (at < count) {
      if (!fill()) throw new EOFException("the filter closed the connection");
      int part = Math.min(count - at, input.remaining());
      input.get(octets, at, part);
      at += part;
    }
    return octets;
  }

  /// What comes until the end, or until this octet, which is not among it.
  ///
  /// @param end -1: none
  /// @throws IOException more than `bytesMax` octets come
  byte[] readUntil(int end, int bytesMax) throws IOException {
    byte[] octets = new byte[256];
    int count = 0;
    int next = read();
    while (next >= 0 && next != end) {
      if (count == bytesMax) throw new IOException("the filter's answer is too long");
      if (count == octets.length) octets = Arrays.copyOf(octets, count * 2);
      octets[count++] = (byte) next;
      next = read();
    }
    return Arrays.copyOf(octets, count);
  }

  /// A line without its end; the end of the connection ends it too.
  String readLine(int bytesMax) throws IOException {
    String line = new String(readUntil('\n', bytesMax), StandardCharsets.ISO_8859_1);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private boolean fill() throws IOException {
    if (input.hasRemaining()) return true;
    input.clear();
    try {
      int count = channel.read(input);
      input.flip();
      return count > 0;
    } catch (IOException e) {
      input.limit(0);
      throw failed(e);
    }
  }

  private IOException failed(IOException e) {
    return expired
        ? new IOException("no answer within " + lifetime.toMillis() + " ms", e)
        : new IOException(
            e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is lost by it.
    }
  }
}
