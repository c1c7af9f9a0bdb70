package org.mailstead.managesieve.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/// What a peer sends, up to a moment: however slowly it comes, the moment ends it.
final class PeerStream extends InputStream {
  private final Socket socket;
  private final InputStream in;
  private long deadlineNanos;

  PeerStream(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  void until(long nanos) {
    deadlineNanos = nanos;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (left <= 0) throw new SocketTimeoutException("too slow");
    socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
    return in.read(target, offset, count);
  }
}
