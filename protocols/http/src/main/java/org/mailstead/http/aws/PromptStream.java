package org.mailstead.http.aws;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// A stream from a peer that must not stall: a read that brings nothing for `idleMax` fails. The
/// JDK's client bounds the time to an answer's header only.
final class PromptStream extends InputStream {
  private final InputStream source;
  private final long idleNanosMax;
  private final Thread watch;
  private volatile long waitingSince;
  private volatile boolean reading;
  private volatile boolean closed;
  private volatile boolean stalled;

  PromptStream(InputStream source, Duration idleMax) {
    this.source = source;
    this.idleNanosMax = idleMax.toNanos();
    this.watch = Thread.ofVirtual().name("aws-client-watch").start(this::watch);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    waitingSince = System.nanoTime();
    reading = true;
    try {
      int got = source.read(bytes, offset, count);
      if (got < 0) close();
      return got;
    } catch (IOException e) {
      if (stalled) throw new IOException("the peer stalled", e);
      throw e;
    } finally {
      reading = false;
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    watch.interrupt();
    source.close();
  }

  private void watch() {
    try {
      while (!closed) {
        Thread.sleep(Duration.ofNanos(idleNanosMax / 4 + 1));
        if (reading && System.nanoTime() - waitingSince > idleNanosMax) {
          stalled = true;
          source.close();
          return;
        }
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt(); // Closed by its reader; nothing is left to watch.
    }
  }
}
