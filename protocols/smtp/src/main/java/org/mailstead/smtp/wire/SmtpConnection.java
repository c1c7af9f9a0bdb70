package org.mailstead.smtp.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/// A buffered connection with time limits, for server and client: lines in, message data in,
/// replies out.
///
/// What is written is kept back until the connection must wait for input, so that pipelined
/// commands are answered in one packet.
///
/// **Time.** No read or write has a timeout of its own. Before each that may block, the deadline is
/// set; a [ConnectionWatch] looks at it and ends the connection when it has passed. Ending races
/// with the owner's thread and is decided by one word: BUSY (the owner works, or writes), WAITING
/// (the owner blocks in a read, everything written is flushed), ENDED. Only who changes WAITING to
/// ENDED may still write a farewell; so a waiting peer hears 421 from the watch's thread or a
/// stopping server, and the owner's read then fails. One thread owns everything else here.
public final class SmtpConnection implements AutoCloseable {
  /// What [#readLine] found.
  public enum Line {
    /// A line that ended with CRLF.
    COMPLETE,
    /// A line that ended with a bare LF.
    BARE_LF,
    /// Too long; it was skipped.
    TOO_LONG,
    /// So long that skipping was given up.
    ENDLESS,
    /// The peer has closed.
    CLOSED
  }

  private static final int COMMAND_BUFFER_BYTES = 1024;
  private static final int DATA_BUFFER_BYTES = 16 * 1024;
  private static final int LARGE_DATA_BUFFER_BYTES = 64 * 1024;
  private static final int OUT_BUFFER_BYTES_MAX = 8 * 1024;
  private static final int LINGER_BYTES_MAX = 256 * 1024;
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final int BUSY = 0;
  private static final int WAITING = 1;
  private static final int ENDED = 2;

  private final Socket raw;
  private final AtomicInteger ownership = new AtomicInteger(BUSY);
  private volatile Socket socket;
  private InputStream in;
  private OutputStream out;
  private volatile long deadline = Long.MAX_VALUE;
  private volatile boolean overdue;
  private Duration writeTime;

  private byte[] buffer = new byte[COMMAND_BUFFER_BYTES];
  private int at;
  private int limit;
  private int lineStart;
  private int lineEnd;
  private byte[] outBuffer = new byte[256];
  private int outCount;

  public SmtpConnection(Socket socket, Duration writeTime) throws IOException {
    this.raw = socket;
    this.socket = socket;
    this.writeTime = writeTime;
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  public InetAddress peer() {
    return raw.getInetAddress();
  }

  public int peerPort() {
    return raw.getPort();
  }

  public void setWriteTime(Duration time) {
    writeTime = time;
  }

  // ---- reading

  /// Reads a line; [#line] is then its content without the line end, until the next read.
  ///
  /// @param bytesMax with CRLF
  /// @param oversizedMax how much of a longer line is skipped
  /// @param idle until the first byte
  /// @param whole from the first byte to the end
  public Line readLine(int bytesMax, int oversizedMax, Duration idle, Duration whole)
      throws IOException {
    int scanned = at;
    if (at == limit) {
      if (fill(System.nanoTime() + idle.toNanos()) < 0) return Line.CLOSED;
      scanned = at;
    }
    long end = 0;
    while (true) {
      for (; scanned < limit; scanned++) {
        if (buffer[scanned] == '\n') return finishLine(scanned, bytesMax);
      }
      if (limit - at >= bytesMax) return skipLine(oversizedMax, whole);
      int offset = scanned - at;
      if (end == 0) end = System.nanoTime() + whole.toNanos();
      if (fill(end) < 0) return Line.CLOSED;
      scanned = at + offset;
    }
  }

  private Line finishLine(int newline, int bytesMax) {
    lineStart = at;
    at = newline + 1;
    boolean complete = newline > lineStart && buffer[newline - 1] == '\r';
    lineEnd = complete ? newline - 1 : newline;
    if (at - lineStart > bytesMax) return Line.TOO_LONG;
    return complete ? Line.COMPLETE : Line.BARE_LF;
  }

  private Line skipLine(int oversizedMax, Duration whole) throws IOException {
    long end = System.nanoTime() + whole.toNanos();
    long skipped = 0;
    boolean afterCr = false;
    while (true) {
      for (int i = at; i < limit; i++) {
        if (buffer[i] == '\n') {
          boolean complete = i > at ? buffer[i - 1] == '\r' : afterCr;
          at = i + 1;
          lineStart = at;
          lineEnd = at;
          return complete ? Line.TOO_LONG : Line.BARE_LF;
        }
      }
      skipped += limit - at;
      if (limit > at) afterCr = buffer[limit - 1] == '\r';
      at = limit;
      if (skipped > oversizedMax) return Line.ENDLESS;
      if (fill(end) < 0) return Line.CLOSED;
    }
  }

  /// Parses the line that was read last as a command.
  public SmtpCommand parseCommand() {
    return CommandParser.parse(buffer, lineStart, lineEnd);
  }

  /// The length of the line that was read last, without its end.
  public int lineBytes() {
    return lineEnd - lineStart;
  }

  /// The line that was read last, octets as characters.
  public String line() {
    return new String(buffer, lineStart, lineEnd - lineStart, StandardCharsets.ISO_8859_1);
  }

  /// How reading message data ended.
  public enum Reading {
    ENDED,
    /// More octets came than were to be read.
    TOO_MUCH,
    /// The peer has closed.
    CLOSED
  }

  /// Reads message data until the decoder has found its end.
  public Reading readData(DataDecoder decoder, long bytesMax, Duration idle, Duration whole)
      throws IOException {
    long end = System.nanoTime() + whole.toNanos();
    long read = 0;
    useBuffer(DATA_BUFFER_BYTES);
    try {
      while (true) {
        int from = at;
        at = decoder.decode(buffer, at, limit);
        read += at - from;
        if (decoder.isEnded()) return Reading.ENDED;
        if (read > bytesMax) return Reading.TOO_MUCH;
        if (fillData(end, idle) < 0) return Reading.CLOSED;
      }
    } finally {
      useBuffer(COMMAND_BUFFER_BYTES);
    }
  }

  /// Reads exactly `count` octets into the decoder.
  public Reading readChunk(DataDecoder decoder, long count, Duration idle, Duration whole)
      throws IOException {
    long end = System.nanoTime() + whole.toNanos();
    long left = count;
    useBuffer(DATA_BUFFER_BYTES);
    try {
      while (true) {
        int now = (int) Math.min(left, limit - at);
        int to = at + now;
        var _ = decoder.decode(buffer, at, to);
        at = to;
        left -= now;
        if (left == 0) return Reading.ENDED;
        if (fillData(end, idle) < 0) return Reading.CLOSED;
      }
    } finally {
      useBuffer(COMMAND_BUFFER_BYTES);
    }
  }

  private int fillData(long end, Duration idle) throws IOException {
    // Larger after a full read, small again after a short one: who sends slowly holds little.
    if (limit == buffer.length) {
      useBuffer(LARGE_DATA_BUFFER_BYTES);
    } else if (limit < DATA_BUFFER_BYTES) {
      useBuffer(DATA_BUFFER_BYTES);
    }
    return fill(Math.min(end, System.nanoTime() + idle.toNanos()));
  }

  /// Changes the size of the buffer, which is small while commands come, so that many idle
  /// connections cost little.
  private void useBuffer(int bytes) {
    if (buffer.length == bytes || limit - at > bytes) return;
    byte[] other = new byte[bytes];
    System.arraycopy(buffer, at, other, 0, limit - at);
    limit -= at;
    at = 0;
    buffer = other;
  }

  /// Bytes that came and were not looked at yet are forgotten.
  public int discardInput() {
    int discarded = limit - at;
    at = 0;
    limit = 0;
    return discarded;
  }

  /// Reads once, after what was unread. Everything written is flushed before.
  private int fill(long until) throws IOException {
    flush();
    if (at == limit) {
      at = 0;
      limit = 0;
    } else if (limit == buffer.length) {
      if (at > 0) {
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        limit -= at;
        at = 0;
      } else {
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      }
    }
    deadline = until;
    if (!ownership.compareAndSet(BUSY, WAITING)) throw ended();
    int count;
    try {
      count = in.read(buffer, limit, buffer.length - limit);
    } catch (IOException e) {
      if (ownership.get() == ENDED || overdue) throw ended();
      throw e;
    }
    if (!ownership.compareAndSet(WAITING, BUSY)) throw ended();
    deadline = Long.MAX_VALUE;
    if (count > 0) limit += count;
    return count;
  }

  private IOException ended() {
    return overdue
        ? new SocketTimeoutException("the peer was too slow")
        : new IOException("the connection was ended");
  }

  // ---- writing

  /// Puts a reply into the buffer.
  public void write(SmtpReply reply) throws IOException {
    int last = reply.lines().size() - 1;
    for (int i = 0; i <= last; i++) {
      int code = reply.code();
      writeByte('0' + code / 100);
      writeByte('0' + code / 10 % 10);
      writeByte('0' + code % 10);
      writeByte(i == last ? ' ' : '-');
      if (reply.enhancedCode().isPresent()) {
        writeText(reply.enhancedCode().get());
        writeByte(' ');
      }
      writeText(reply.lines().get(i));
      writeByte('\r');
      writeByte('\n');
    }
  }

  /// Puts a command line into the buffer.
  public void writeLine(String line) throws IOException {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '\r' || line.charAt(i) == '\n') {
        throw new IllegalArgumentException("a line end within a command");
      }
    }
    writeText(line);
    writeByte('\r');
    writeByte('\n');
  }

  /// Puts octets into the buffer, or straight out where they are many.
  public void write(byte[] bytes, int offset, int count) throws IOException {
    if (count <= outBuffer.length - outCount) {
      System.arraycopy(bytes, offset, outBuffer, outCount, count);
      outCount += count;
      return;
    }
    flush();
    send(bytes, offset, count);
  }

  private void writeText(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
        for (byte b : rest) writeByte(b);
        return;
      }
      writeByte(c);
    }
  }

  private void writeByte(int b) throws IOException {
    if (outCount == outBuffer.length) {
      if (outCount >= OUT_BUFFER_BYTES_MAX) {
        flush();
      } else {
        outBuffer = Arrays.copyOf(outBuffer, outBuffer.length * 2);
      }
    }
    outBuffer[outCount++] = (byte) b;
  }

  public void flush() throws IOException {
    if (outCount == 0) return;
    int count = outCount;
    outCount = 0;
    send(outBuffer, 0, count);
  }

  private void send(byte[] bytes, int offset, int count) throws IOException {
    deadline = System.nanoTime() + writeTime.toNanos();
    try {
      out.write(bytes, offset, count);
    } catch (IOException e) {
      if (overdue) throw ended();
      throw e;
    }
    deadline = Long.MAX_VALUE;
  }

  // ---- TLS

  /// Goes on under TLS. What came in plain text and was not looked at is forgotten: it may be
  /// somebody else's (RFC 3207 §4.2).
  ///
  /// @param secured a socket over this connection's own, its handshake not yet begun
  public void startTls(SSLSocket secured, Duration handshakeTime) throws IOException {
    flush();
    var _ = discardInput();
    deadline = System.nanoTime() + handshakeTime.toNanos();
    try {
      secured.startHandshake();
    } catch (IOException e) {
      if (overdue) throw ended();
      throw e;
    }
    deadline = Long.MAX_VALUE;
    socket = secured;
    in = secured.getInputStream();
    out = secured.getOutputStream();
  }

  /// The socket below, for a TLS socket to be laid over it.
  public Socket rawSocket() {
    return raw;
  }

  public Optional<SSLSession> tlsSession() {
    return socket instanceof SSLSocket secured
        ? Optional.of(secured.getSession())
        : Optional.empty();
  }

  // ---- ending

  /// Called from other threads: ends the connection if its deadline has passed.
  public void endIfOverdue(long now, SmtpReply farewell) {
    if (now - deadline < 0 || deadline == Long.MAX_VALUE) return;
    overdue = true;
    if (ownership.get() == ENDED || !endIfWaiting(farewell)) closeSocket();
  }

  /// Called from other threads: ends the connection with a farewell if it waits for input. Returns
  /// false where it is at work.
  public boolean endIfWaiting(SmtpReply farewell) {
    if (!ownership.compareAndSet(WAITING, ENDED)) return ownership.get() == ENDED;
    // A peer that does not read must not hold up the thread that ends connections.
    Thread.ofVirtual()
        .name("smtp-farewell")
        .start(() -> {
          try {
            deadline = System.nanoTime() + LINGER.toNanos();
            socket.getOutputStream().write(encode(farewell));
            socket.getOutputStream().flush();
          } catch (IOException e) {
            // The peer is gone, which is what was wanted.
          }
          closeSocket();
        });
    return true;
  }

  private static byte[] encode(SmtpReply reply) {
    return (reply + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  /// Closes so that the peer can still read what was written last: a close with unread input would
  /// take it from its hands.
  public void closeGently() {
    try {
      flush();
      socket.shutdownOutput();
      deadline = System.nanoTime() + LINGER.toNanos();
      byte[] rest = new byte[4096];
      for (int read = 0; read < LINGER_BYTES_MAX; ) {
        int count = in.read(rest);
        if (count < 0) break;
        read += count;
      }
    } catch (IOException e) {
      // The peer is gone or too slow.
    }
    closeSocket();
  }

  @Override
  public void close() {
    closeSocket();
  }

  /// The socket below is closed first, so that a TLS close never blocks on a peer that does not
  /// read.
  private void closeSocket() {
    try {
      raw.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }
}
