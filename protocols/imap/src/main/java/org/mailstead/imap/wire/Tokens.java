package org.mailstead.imap.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;

/// The tokens of one command, read octet by octet from the connection: nothing is buffered but the
/// token itself. Counts the line's octets and answers literals.
final class Tokens {
  /// Input that is well-formed but not wanted, with the response code to say so.
  static final class RefusedInput extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String code;

    RefusedInput(String code, String text) {
      super(text, null, false, false);
      this.code = code;
    }
  }

  /// The connection is out of step for good.
  static final class FatalInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FatalInput(String text) {
      super(text, null, false, false);
    }
  }

  private final ImapInput input;
  private final ImapLimits limits;
  private final CommandParser.Continuation continuation;
  private byte[] scratch = new byte[64];
  private int scratchCount;
  private int lineBytes;
  private long literalBytes;
  private boolean lineEnded;
  private boolean loggedIn;
  private boolean utf8;

  Tokens(ImapInput input, ImapLimits limits, CommandParser.Continuation continuation) {
    this.input = input;
    this.limits = limits;
    this.continuation = continuation;
  }

  void loggedIn() {
    loggedIn = true;
  }

  void utf8() {
    utf8 = true;
  }

  boolean isUtf8() {
    return utf8;
  }

  boolean isLineEnded() {
    return lineEnded;
  }

  ImapLimits limits() {
    return limits;
  }

  void startLine() {
    lineBytes = 0;
    literalBytes = 0;
    lineEnded = false;
    if (scratch.length > 4096) scratch = new byte[64];
  }

  int peek() throws IOException {
    return input.peek();
  }

  int next() throws IOException {
    int c = input.read();
    if (c == '\n') lineEnded = true;
    if (++lineBytes > (loggedIn ? limits.lineBytesMax() : limits.lineBytesMaxBeforeLogin())) {
      throw new MalformedException("command line too long");
    }
    return c;
  }

  boolean take(char wanted) throws IOException {
    if (peek() != wanted) return false;
    next();
    return true;
  }

  void expect(char wanted) throws IOException {
    if (!take(wanted)) throw new MalformedException("expected '" + wanted + "'");
  }

  void space() throws IOException {
    // Deviates: RFC 9051 §9 — deviations.md#several-spaces
    if (!take(' ')) throw new MalformedException("expected a space");
    // Client: some old clients send several spaces; nothing else can begin with one.
    while (peek() == ' ') next();
  }

  /// The end of the command: CRLF, or a bare LF.
  void end() throws IOException {
    // Deviates: RFC 9051 §2.2 — deviations.md#command-line-end
    while (take(' ')) {}
    take('\r');
    if (!take('\n')) throw new MalformedException("unexpected text at the end of the command");
  }

  boolean atEnd() throws IOException {
    int c = peek();
    return c == '\r' || c == '\n';
  }

  String tag() throws IOException {
    scratchCount = 0;
    while (isAstringChar(peek()) && peek() != '+') {
      push(next());
      if (scratchCount > 256) throw new MalformedException("tag too long");
    }
    return text("tag");
  }

  /// An atom in upper case: a keyword of the grammar.
  String keyword() throws IOException {
    return atom().toUpperCase(Locale.ROOT);
  }

  String atom() throws IOException {
    scratchCount = 0;
    while (isAtomChar(peek())) push(next());
    return text("atom");
  }

  /// The letters, digits, dots and dashes of names such as `BODY.PEEK`, which a `[` may follow.
  String itemName() throws IOException {
    scratchCount = 0;
    while (true) {
      int c = peek();
      boolean part =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-'
              || c == '_';
      if (!part) break;
      push(next());
    }
    return text("name").toUpperCase(Locale.ROOT);
  }

  /// A flag: `\Name` or a keyword.
  String flag() throws IOException {
    scratchCount = 0;
    if (peek() == '\\') push(next());
    if (scratchCount == 1 && peek() == '*') {
      push(next());
      return text("flag");
    }
    // RFC 9051 §9: a keyword is an atom, which cannot hold `]` unless the client is careless.
    while (isAtomChar(peek())) push(next());
    if (scratchCount == 1 && scratch[0] == '\\') throw new MalformedException("empty flag");
    if (scratchCount > 255) throw new MalformedException("flag too long");
    return text("flag");
  }

  long number(long max) throws IOException {
    long value = 0;
    int count = 0;
    while (peek() >= '0' && peek() <= '9') {
      int digit = next() - '0';
      if (value > (max - digit) / 10) throw new MalformedException("number too large");
      value = value * 10 + digit;
      count++;
    }
    if (count == 0) throw new MalformedException("expected a number");
    return value;
  }

  /// `astring` as text: UTF-8, or Latin-1 for octets that are not.
  String astring() throws IOException {
    return decode(astringBytes());
  }

  byte[] astringBytes() throws IOException {
    int c = peek();
    if (c == '"') return quoted();
    if (c == '{') return literal();
    scratchCount = 0;
    while (isAstringChar(peek())) push(next());
    if (scratchCount == 0) throw new MalformedException("expected a string");
    return Arrays.copyOf(scratch, scratchCount);
  }

  String string() throws IOException {
    return decode(stringBytes());
  }

  byte[] stringBytes() throws IOException {
    int c = peek();
    if (c == '"') return quoted();
    if (c == '{') return literal();
    throw new MalformedException("expected a quoted string or literal");
  }

  /// `list-mailbox`: an astring that may hold wildcards.
  byte[] patternBytes() throws IOException {
    int c = peek();
    if (c == '"' || c == '{') return stringBytes();
    scratchCount = 0;
    while (isAstringChar(peek()) || peek() == '%' || peek() == '*') push(next());
    if (scratchCount == 0) throw new MalformedException("expected a mailbox name or pattern");
    return Arrays.copyOf(scratch, scratchCount);
  }

  /// Octets up to the end of the line, for what is not a command: SASL answers and DONE.
  String restOfLine() throws IOException {
    scratchCount = 0;
    while (!atEnd()) push(next());
    String text = new String(scratch, 0, scratchCount, StandardCharsets.ISO_8859_1);
    take('\r');
    if (!take('\n')) throw new MalformedException("bare CR");
    return text;
  }

  private byte[] quoted() throws IOException {
    expect('"');
    scratchCount = 0;
    while (true) {
      int c = next();
      if (c == '"') break;
      if (c == '\\') {
        c = next();
        if (c != '"' && c != '\\') throw new MalformedException("invalid escape in quoted string");
      }
      if (c == '\r' || c == '\n' || c == 0) {
        throw new MalformedException("control character in quoted string");
      }
      push(c);
    }
    return Arrays.copyOf(scratch, scratchCount);
  }

  private byte[] literal() throws IOException {
    int max = loggedIn ? limits.literalBytesMax() : limits.literalBytesMaxBeforeLogin();
    LiteralHeader header = literalHeader();
    literalBytes += header.length;
    // All literals of one command together are bounded like sixteen of the largest.
    if (header.length > max || literalBytes > 16L * max) {
      refuse(header, "TOOBIG", "literal too large");
    }
    accept(header);
    byte[] bytes = new byte[(int) header.length];
    input.readFully(bytes, 0, bytes.length);
    for (byte b : bytes) {
      if (b == 0) throw new RefusedInput("CANNOT", "a literal must not contain NUL");
    }
    return bytes;
  }

  /// `{n}`, `{n+}` with its line end.
  LiteralHeader literalHeader() throws IOException {
    boolean binary = take('~');
    expect('{');
    long length = number(Long.MAX_VALUE >> 1);
    boolean synchronizing = !take('+');
    // RFC 7888 §3: LITERAL- writes `{n+}` too; `{n-}` came only with drafts.
    expect('}');
    take('\r');
    if (peek() != '\n') throw new MalformedException("literal header without line end");
    next();
    return new LiteralHeader(length, synchronizing, binary);
  }

  record LiteralHeader(long length, boolean synchronizing, boolean binary) {}

  void accept(LiteralHeader header) throws IOException {
    if (header.synchronizing) continuation.request();
    lineEnded = false;
  }

  /// Copies an accepted literal.
  ///
  /// @return whether it holds NUL
  boolean copyLiteral(LiteralHeader header, ContentSpool.Writer target) throws IOException {
    return input.copyTo(target, header.length);
  }

  /// Skips what a client sends without being asked, and says no.
  RefusedInput refuse(LiteralHeader header, String code, String text) throws IOException {
    if (!header.synchronizing) skip(header.length);
    throw new RefusedInput(code, text);
  }

  private void skip(long length) throws IOException {
    // RFC 7888 §4: what was sent must be read, or the connection closed.
    long max = loggedIn ? limits.skippedBytesMax() : 8L * limits.literalBytesMaxBeforeLogin();
    if (length > max) throw new FatalInput("literal too large");
    input.skipFully(length);
    lineEnded = false;
  }

  /// Reads to the end of a broken command, with the literals that its client sends unasked.
  void skipLine() throws IOException {
    long skipped = 0;
    while (true) {
      boolean synchronizing = true;
      if (!lineEnded) {
        long length = -1;
        boolean open = false;
        boolean plus = false;
        boolean complete = false;
        while (true) {
          int c = input.read();
          if (c == '\n') break;
          if (++skipped > 16L * limits.lineBytesMax()) throw new FatalInput("line too long");
          if (c == '{') {
            open = true;
            length = 0;
            plus = false;
            complete = false;
          } else if (open && c >= '0' && c <= '9' && !plus) {
            length = Math.min(length * 10 + c - '0', Long.MAX_VALUE / 20);
          } else if (open && c == '+' && !plus) {
            plus = true;
          } else if (open && c == '}') {
            open = false;
            complete = true;
          } else if (c != '\r') {
            open = false;
            complete = false;
          }
        }
        lineEnded = true;
        synchronizing = !(complete && plus);
        if (!synchronizing) skip(length);
      }
      if (synchronizing) return;
    }
  }

  static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private void push(int c) {
    if (scratchCount == scratch.length) scratch = Arrays.copyOf(scratch, scratchCount * 2);
    scratch[scratchCount++] = (byte) c;
  }

  private String text(String what) {
    if (scratchCount == 0) throw new MalformedException("expected " + what);
    return new String(scratch, 0, scratchCount, StandardCharsets.ISO_8859_1);
  }

  static boolean isAtomChar(int c) {
    return c > ' ' && c < 0x7F && c != '(' && c != ')' && c != '{' && c != '%' && c != '*'
        && c != '"' && c != '\\' && c != ']';
  }

  private boolean isAstringChar(int c) {
    // RFC 6855 §3: 8-bit in strings only after ENABLE, and then in quoted ones; names as atoms stay
    // ASCII.
    return isAtomChar(c) || c == ']';
  }
}
