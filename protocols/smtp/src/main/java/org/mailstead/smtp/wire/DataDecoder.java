package org.mailstead.smtp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Message data from DATA or BDAT, as it comes in pieces from the connection: finds the end, takes
/// the dots away (RFC 5321 §4.5.2), and makes every line end CRLF.
///
/// **SMTP smuggling.** Only CRLF.CRLF ends the data (RFC 5321 §4.1.1.4). A bare LF is a line end of
/// the content, as in Postfix's `smtpd_forbid_bare_newline = normalize`: it becomes CRLF, and a dot
/// after it is unstuffed, but `LF.LF`, `LF.CRLF` and `CRLF.LF` are content. A bare CR becomes a
/// space, as in Postfix's `cleanup_replace_stray_cr_lf`. So nothing that leaves here can be read
/// differently by the next server. [#isBareLineEndSeen] lets a stricter setting refuse instead.
///
/// The work is a scan for CR and LF over the array, eight bytes at a time; unchanged stretches are
/// handed on as they lie.
public final class DataDecoder {
  /// Takes the decoded bytes.
  @FunctionalInterface
  public interface Sink {
    void write(byte[] bytes, int offset, int count);
  }

  private enum State {
    /// After CRLF, or at the very beginning.
    LINE_START,
    // Deviates: RFC 5321 §2.3.8 — deviations.md#bare-line-ends
    /// After a bare LF: a dot here never ends the data.
    LOOSE_LINE_START,
    IN_LINE,
    /// After a CR that ended a piece; not handed on yet.
    AFTER_CR,
    /// After a dot at LINE_START; not handed on.
    DOT,
    /// After that dot and a CR.
    DOT_CR,
    END
  }

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SPACE = " ".getBytes(StandardCharsets.US_ASCII);

  private final boolean dotted;
  private final Sink sink;
  private State state = State.LINE_START;
  private long written;
  private long lineStart;
  private long longestLine;
  // Deviates: RFC 5322 §3.5, §4 — deviations.md#nul-kept
  private boolean bareLineEndSeen;

  private DataDecoder(boolean dotted, Sink sink) {
    this.dotted = dotted;
    this.sink = sink;
  }

  /// For DATA: dots are stuffed, CRLF.CRLF ends.
  public static DataDecoder dotted(Sink sink) {
    return new DataDecoder(true, sink);
  }

  /// For BDAT: dots mean nothing, the chunk sizes end it. [#finish] must be called after the last
  /// chunk.
  public static DataDecoder chunked(Sink sink) {
    return new DataDecoder(false, sink);
  }

  /// Decodes one piece. Returns the index after the last byte that belongs to the data: `to`,
  /// unless the end was found.
  public int decode(byte[] in, int from, int to) {
    int at = from;
    int run = from; // everything before it is handed on or dropped
    while (at < to) {
      switch (state) {
        case LINE_START -> {
          if (dotted && in[at] == '.') {
            write(in, run, at);
            run = ++at;
            state = State.DOT;
          } else {
            state = State.IN_LINE;
          }
        }
        case LOOSE_LINE_START -> {
          if (dotted && in[at] == '.') {
            write(in, run, at);
            run = ++at;
          }
          state = State.IN_LINE;
        }
        case IN_LINE -> {
          at = nextLineEnd(in, at, to);
          if (at == to) break;
          if (in[at] == '\n') {
            bareLineEndSeen = true;
            write(in, run, at);
            write(CRLF, 0, 2);
            run = ++at;
            endLine(0);
            state = State.LOOSE_LINE_START;
          } else if (at + 1 == to) {
            write(in, run, at);
            run = ++at;
            state = State.AFTER_CR;
          } else if (in[at + 1] == '\n') {
            at += 2;
            endLine(at - run);
            state = State.LINE_START;
          } else {
            write(in, run, at);
            run = ++at;
            replaceBareCr();
          }
        }
        case AFTER_CR -> {
          state = State.IN_LINE;
          if (in[at] == '\n') {
            run = ++at;
            write(CRLF, 0, 2);
            endLine(0);
            state = State.LINE_START;
          } else {
            replaceBareCr();
          }
        }
        case DOT -> {
          if (in[at] == '\r') {
            run = ++at;
            state = State.DOT_CR;
          } else {
            state = State.IN_LINE;
          }
        }
        case DOT_CR -> {
          if (in[at] == '\n') {
            state = State.END;
            return at + 1;
          }
          replaceBareCr();
          state = State.IN_LINE;
        }
        case END -> {
          return at;
        }
      }
    }
    write(in, run, to);
    return to;
  }

  /// Ends chunked data: an unfinished last line gets its CRLF.
  public void finish() {
    if (state == State.AFTER_CR) replaceBareCr();
    if (state == State.IN_LINE || state == State.AFTER_CR) write(CRLF, 0, 2);
    endLine(0);
    state = State.END;
  }

  /// CRLF.CRLF was found, or [#finish] was called.
  public boolean isEnded() {
    return state == State.END;
  }

  /// A bare LF or a bare CR was in the data.
  public boolean isBareLineEndSeen() {
    return bareLineEndSeen;
  }

  /// Of the lines so far, with their CRLF.
  public long longestLineBytes() {
    return Math.max(longestLine, written - lineStart);
  }

  private void replaceBareCr() {
    bareLineEndSeen = true;
    write(SPACE, 0, 1);
  }

  private void write(byte[] bytes, int from, int to) {
    if (from == to) return;
    written += to - from;
    sink.write(bytes, from, to - from);
  }

  private void endLine(int unwritten) {
    long end = written + unwritten;
    longestLine = Math.max(longestLine, end - lineStart);
    lineStart = end;
  }

  /// The index of the first CR or LF, or `to`.
  private static int nextLineEnd(byte[] in, int from, int to) {
    int at = from;
    while (at + 8 <= to) {
      long eight = (long) LONGS.get(in, at);
      // The high bit of each byte below 0x0E; exact for the first such byte, which is all we use.
      long hit = (eight - 0x0E0E0E0E0E0E0E0EL) & ~eight & 0x8080808080808080L;
      if (hit == 0) {
        at += 8;
        continue;
      }
      at += Long.numberOfTrailingZeros(hit) >>> 3;
      if (in[at] == '\r' || in[at] == '\n') return at;
      at++;
    }
    while (at < to && in[at] != '\r' && in[at] != '\n') at++;
    return at;
  }
}
