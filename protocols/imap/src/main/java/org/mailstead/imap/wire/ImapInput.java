package org.mailstead.imap.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.mailstead.base.ContentSpool;

/// Buffered octets from one connection. Small on purpose: ten thousand idle connections each hold
/// one.
public final class ImapInput {
  private static final int BUFFER_BYTES = 2048;
  private static final int COPY_BYTES = 1 << 16;

  /// Called before a read that may wait: the peer must have its answers by then.
  @FunctionalInterface
  public interface BeforeRead {
    void beforeRead() throws IOException;
  }

  private InputStream in;
  private final BeforeRead hook;
  private final byte[] buffer;
  private int position;
  private int limit;

  public ImapInput(InputStream in, BeforeRead hook) {
    this(in, hook, BUFFER_BYTES);
  }

  /// With a larger buffer, for a connection over which much comes.
  public ImapInput(InputStream in, BeforeRead hook, int bufferBytes) {
    this.in = in;
    this.hook = hook;
    this.buffer = new byte[bufferBytes];
  }

  /// Whether octets wait in the buffer: a pipelining client has sent the next command already.
  public boolean hasBuffered() {
    return position < limit;
  }

  /// The next octet without taking it.
  ///
  /// @throws EOFException the peer has closed
  public int peek() throws IOException {
    if (position == limit) fill();
    return buffer[position] & 0xFF;
  }

  public int read() throws IOException {
    if (position == limit) fill();
    return buffer[position++] & 0xFF;
  }

  public void readFully(byte[] target, int offset, int count) throws IOException {
    int done = Math.min(count, limit - position);
    System.arraycopy(buffer, position, target, offset, done);
    position += done;
    if (done < count) hook.beforeRead();
    while (done < count) {
      int got = in.read(target, offset + done, count - done);
      if (got < 0) throw new EOFException("connection closed inside a literal");
      done += got;
    }
  }

  /// Moves octets to a spool.
  ///
  /// @return whether one of them was NUL
  public boolean copyTo(ContentSpool.Writer target, long count) throws IOException {
    boolean nul = false;
    int first = (int) Math.min(count, limit - position);
    if (first > 0) {
      nul = hasNul(buffer, position, first);
      target.write(buffer, position, first);
      position += first;
    }
    long left = count - first;
    if (left == 0) return nul;
    if (left > 0) hook.beforeRead();
    byte[] chunk = new byte[(int) Math.min(left, COPY_BYTES)];
    while (left > 0) {
      int got = in.read(chunk, 0, (int) Math.min(left, chunk.length));
      if (got < 0) throw new EOFException("connection closed inside a literal");
      nul |= hasNul(chunk, 0, got);
      target.write(chunk, 0, got);
      left -= got;
    }
    return nul;
  }

  public void skipFully(long count) throws IOException {
    int first = (int) Math.min(count, limit - position);
    position += first;
    long left = count - first;
    if (left > 0) hook.beforeRead();
    byte[] chunk = new byte[(int) Math.min(left, COPY_BYTES)];
    while (left > 0) {
      int got = in.read(chunk, 0, (int) Math.min(left, chunk.length));
      if (got < 0) throw new EOFException("connection closed inside a literal");
      left -= got;
    }
  }

  /// Goes on over TLS. What came in plain text after STARTTLS is thrown away: a man in the middle
  /// may have put it there (RFC 9051 §6.2.1).
  public void switchTo(InputStream secured) {
    position = limit;
    in = secured;
  }

  private void fill() throws IOException {
    hook.beforeRead();
    int got = in.read(buffer, 0, buffer.length);
    if (got <= 0) throw new EOFException("connection closed");
    position = 0;
    limit = got;
  }

  private static boolean hasNul(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count; i++) if (bytes[i] == 0) return true;
    return false;
  }
}
