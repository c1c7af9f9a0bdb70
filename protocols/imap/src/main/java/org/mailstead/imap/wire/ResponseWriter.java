package org.mailstead.imap.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes response octets into one large buffer and from there to the connection: few copies, few
/// system calls. Methods return the writer so that a line reads as one. Not for several threads at
/// once; [#writingSinceNanos] may be asked from any.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §7
public final class ResponseWriter {
  private static final byte[] NIL = ascii("NIL");
  private static final byte[] CRLF = ascii("\r\n");

  /// No write is waiting for the peer.
  public static final long NOT_WRITING = Long.MIN_VALUE;

  private static final int PIECE_BYTES = 1 << 17;

  private OutputStream out;
  private final BufferPool pool;
  private byte @Nullable [] buffer;
  private int count;
  private boolean utf8;
  private volatile long writingSinceNanos = NOT_WRITING;

  public ResponseWriter(OutputStream out, BufferPool pool) {
    this.out = out;
    this.pool = pool;
  }

  /// Goes on over TLS; what was not flushed is lost.
  public void switchTo(OutputStream secured) {
    release();
    out = secured;
  }

  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// From now on mailbox names are written in UTF-8 (RFC 6855 §3, RFC 9051 §5.1).
  public void utf8() {
    utf8 = true;
  }

  /// When the write began that waits for the peer now, in [System#nanoTime], or [#NOT_WRITING].
  public long writingSinceNanos() {
    return writingSinceNanos;
  }

  public ResponseWriter bytes(byte[] text) throws IOException {
    return bytes(text, 0, text.length);
  }

  public ResponseWriter bytes(byte[] text, int offset, int length) throws IOException {
    byte[] target = room(Math.min(length, BufferPool.BUFFER_BYTES));
    if (length > target.length - count) {
      drain();
      if (length >= target.length) {
        send(text, offset, length);
        return this;
      }
    }
    System.arraycopy(text, offset, target, count, length);
    count += length;
    return this;
  }

  /// Text of ASCII or Latin-1 characters, as it stands.
  public ResponseWriter text(String text) throws IOException {
    int length = text.length();
    if (length > BufferPool.BUFFER_BYTES / 2) return bytes(ascii(text));
    byte[] target = room(length);
    int at = count;
    for (int i = 0; i < length; i++) target[at++] = (byte) text.charAt(i);
    count = at;
    return this;
  }

  public ResponseWriter octet(char c) throws IOException {
    byte[] target = room(1);
    target[count++] = (byte) c;
    return this;
  }

  public ResponseWriter space() throws IOException {
    return octet(' ');
  }

  public ResponseWriter crlf() throws IOException {
    return bytes(CRLF);
  }

  public ResponseWriter nil() throws IOException {
    return bytes(NIL);
  }

  public ResponseWriter number(long value) throws IOException {
    byte[] target = room(20);
    long rest = value;
    if (rest < 0) throw new IllegalArgumentException("negative number");
    int digits = 1;
    for (long power = 10; digits < 19 && rest >= power; power *= 10) digits++;
    int at = count + digits;
    do {
      target[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    count += digits;
    return this;
  }

  /// `date-time` in its quotes, in UTC.
  public ResponseWriter dateTime(long epochSeconds) throws IOException {
    byte[] target = room(ImapDates.DATE_TIME_BYTES);
    count = ImapDates.writeDateTime(epochSeconds, target, count);
    return this;
  }

  /// A `string`: quoted where that is allowed, otherwise a literal.
  public ResponseWriter string(String value) throws IOException {
    return string(value.getBytes(StandardCharsets.UTF_8));
  }

  public ResponseWriter string(byte[] value) throws IOException {
    if (!isQuotable(value)) return literal(value);
    octet('"');
    for (byte b : value) {
      if (b == '"' || b == '\\') octet('\\');
      octet((char) (b & 0xFF));
    }
    return octet('"');
  }

  public ResponseWriter literal(byte[] value) throws IOException {
    return literalHeader(value.length).bytes(value);
  }

  public ResponseWriter literalHeader(long length) throws IOException {
    return octet('{').number(length).text("}\r\n");
  }

  /// A mailbox name: as it stands if it is an atom, else quoted or a literal; modified UTF-7 unless
  /// UTF-8 is enabled.
  public ResponseWriter mailbox(String name) throws IOException {
    String encoded = utf8 ? name : ModifiedUtf7.encode(name);
    boolean atom = !encoded.isEmpty() && !encoded.equalsIgnoreCase("NIL");
    for (int i = 0; atom && i < encoded.length(); i++) atom = Tokens.isAtomChar(encoded.charAt(i));
    return atom ? text(encoded) : string(encoded);
  }

  /// A set of ascending numbers, ranges joined.
  public ResponseWriter set(long[] numbers) throws IOException {
    return set(numbers, numbers.length);
  }

  /// The first `length` numbers, each greater than the one before.
  public ResponseWriter set(long[] numbers, int length) throws IOException {
    for (int i = 0; i < length; ) {
      int last = i;
      while (last + 1 < length && numbers[last + 1] == numbers[last] + 1) last++;
      if (i > 0) octet(',');
      number(numbers[i]);
      if (last > i) octet(':').number(numbers[last]);
      i = last + 1;
    }
    return this;
  }

  /// `tag OK [code] text`.
  ///
  /// @param code without brackets, perhaps empty
  public ResponseWriter status(String tag, String word, String code, String text)
      throws IOException {
    text(tag).space().text(word).space();
    if (!code.isEmpty()) octet('[').text(code).text("] ");
    return line(text).crlf();
  }

  /// Human-readable text without line breaks or characters that cannot be written.
  private ResponseWriter line(String text) throws IOException {
    if (text.isEmpty()) return octet('-');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      octet(c < ' ' || c > '~' ? '?' : c);
    }
    return this;
  }

  public void flush() throws IOException {
    drain();
    writingSinceNanos = System.nanoTime();
    try {
      out.flush();
    } finally {
      writingSinceNanos = NOT_WRITING;
    }
  }

  public boolean hasBuffered() {
    return count > 0;
  }

  /// Gives the buffer back; what was not flushed is lost. The next write takes another.
  public void release() {
    byte[] lent = buffer;
    buffer = null;
    count = 0;
    if (lent != null) pool.giveBack(lent);
  }

  private byte[] room(int length) throws IOException {
    byte[] target = buffer;
    if (target == null) {
      target = pool.take();
      buffer = target;
    }
    if (target.length - count < length) drain();
    return target;
  }

  private void drain() throws IOException {
    byte[] source = buffer;
    if (source == null || count == 0) return;
    int length = count;
    count = 0;
    send(source, 0, length);
  }

  private void send(byte[] source, int offset, int length) throws IOException {
    // In pieces, so that a large body read slowly is not mistaken for one that is not read at all.
    for (int done = 0; done < length; done += PIECE_BYTES) {
      writingSinceNanos = System.nanoTime();
      try {
        out.write(source, offset + done, Math.min(PIECE_BYTES, length - done));
      } finally {
        writingSinceNanos = NOT_WRITING;
      }
    }
  }

  private boolean isQuotable(byte[] value) {
    if (value.length > 1000) return false;
    for (byte b : value) {
      if (b == 0 || b == '\r' || b == '\n' || (b < 0 && !utf8)) return false;
    }
    return true;
  }
}
