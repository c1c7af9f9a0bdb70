package org.mailstead.imap.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;

/// Reads responses from a server, for the client.
public final class ResponseParser {
  private static final int LINE_BYTES_MAX = 16 << 20;
  private static final int LITERAL_BYTES_MAX = 1 << 30;

  /// With a spool: larger than any mail.
  private static final long SPOOLED_BYTES_MAX = 1L << 36;

  /// With a spool: literals above this size go there.
  public static final int MEMORY_BYTES_MAX = 1 << 20;

  private static final int DEPTH_MAX = 2_000;

  private final ImapInput input;
  private final Optional<ContentSpool> spool;
  private int lineBytes;

  public ResponseParser(ImapInput input) {
    this(input, Optional.empty());
  }

  /// @param spool takes large literals, which come as [ImapResponse.Value.Large] then
  public ResponseParser(ImapInput input, Optional<ContentSpool> spool) {
    this.input = input;
    this.spool = spool;
  }

  /// @throws MalformedException not a response; the connection is of no more use
  public ImapResponse read() throws IOException {
    lineBytes = 0;
    String first = word();
    if (first.equals("+")) {
      take(' ');
      return new ImapResponse.Continuation(restOfLine());
    }
    expect(' ');
    if (!first.equals("*")) return status(Optional.of(first), word());
    if (input.peek() == '(') return new ImapResponse.Data(values());
    String second = word();
    return switch (second) {
      case "OK", "NO", "BAD", "BYE", "PREAUTH" -> status(Optional.empty(), second);
      default -> {
        List<ImapResponse.Value> values = new ArrayList<>();
        values.add(new ImapResponse.Value.Atom(second));
        if (take(' ')) values.addAll(values());
        else end();
        yield new ImapResponse.Data(List.copyOf(values));
      }
    };
  }

  private ImapResponse.Status status(Optional<String> tag, String word) throws IOException {
    String code = "";
    take(' ');
    if (take('[')) {
      StringBuilder out = new StringBuilder();
      int depth = 0;
      while (depth > 0 || input.peek() != ']') {
        int c = next();
        if (c == '\n') throw new MalformedException("response code does not end");
        if (c == '(') depth++;
        if (c == ')') depth--;
        out.append((char) c);
      }
      next();
      take(' ');
      code = out.toString();
    }
    return new ImapResponse.Status(tag, word, code, restOfLine());
  }

  /// Values up to the end of the line.
  private List<ImapResponse.Value> values() throws IOException {
    List<ImapResponse.Value> values = new ArrayList<>();
    while (true) {
      while (take(' ')) {}
      int c = input.peek();
      if (c == '\r' || c == '\n') {
        end();
        return values;
      }
      values.add(value(0));
    }
  }

  private ImapResponse.Value value(int depth) throws IOException {
    if (depth > DEPTH_MAX) throw new MalformedException("response nested too deeply");
    int c = input.peek();
    if (c == '"') return new ImapResponse.Value.Text(quoted());
    if (c == '~') {
      next();
      c = input.peek();
    }
    if (c == '{') return literal();
    if (c == '(') {
      next();
      List<ImapResponse.Value> values = new ArrayList<>();
      while (true) {
        while (take(' ')) {}
        if (take(')')) return new ImapResponse.Value.Many(List.copyOf(values));
        values.add(value(depth + 1));
      }
    }
    String atom = atom();
    return atom.equals("NIL") ? new ImapResponse.Value.Nil() : new ImapResponse.Value.Atom(atom);
  }

  /// An atom, or the name of a section with its brackets.
  private String atom() throws IOException {
    StringBuilder out = new StringBuilder();
    int brackets = 0;
    while (true) {
      int c = input.peek();
      if (c == '\r' || c == '\n') break;
      if (brackets == 0 && (c == ' ' || c == '(' || c == ')')) break;
      if (c == '[') brackets++;
      if (c == ']' && brackets > 0) brackets--;
      out.append((char) next());
    }
    if (out.isEmpty()) throw new MalformedException("expected a value");
    return out.toString();
  }

  private byte[] quoted() throws IOException {
    next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (true) {
      int c = next();
      if (c == '"') return out.toByteArray();
      if (c == '\\') c = next();
      if (c == '\n') throw new MalformedException("quoted string does not end");
      out.write(c);
    }
  }

  private ImapResponse.Value literal() throws IOException {
    next();
    long max = spool.isPresent() ? SPOOLED_BYTES_MAX : LITERAL_BYTES_MAX;
    long length = 0;
    while (input.peek() != '}') {
      int c = next();
      if (c < '0' || c > '9') throw new MalformedException("not a literal");
      length = length * 10 + c - '0';
      if (length > max) throw new MalformedException("literal too large");
    }
    next();
    end();
    if (spool.isPresent() && length > MEMORY_BYTES_MAX) {
      try (ContentSpool.Writer writer = spool.get().newWriter()) {
        input.copyTo(writer, length);
        return new ImapResponse.Value.Large(writer.finish());
      }
    }
    byte[] bytes = new byte[(int) length];
    input.readFully(bytes, 0, bytes.length);
    return new ImapResponse.Value.Text(bytes);
  }

  private String word() throws IOException {
    StringBuilder out = new StringBuilder();
    while (input.peek() != ' ' && input.peek() != '\r' && input.peek() != '\n') {
      out.append((char) next());
    }
    return out.toString();
  }

  private String restOfLine() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (input.peek() != '\r' && input.peek() != '\n') out.write(next());
    end();
    return out.toString(StandardCharsets.UTF_8);
  }

  private int next() throws IOException {
    if (++lineBytes > LINE_BYTES_MAX) throw new MalformedException("response too long");
    return input.read();
  }

  private boolean take(char wanted) throws IOException {
    if (input.peek() != wanted) return false;
    next();
    return true;
  }

  private void expect(char wanted) throws IOException {
    if (!take(wanted)) throw new MalformedException("expected '" + wanted + "'");
  }

  private void end() throws IOException {
    take('\r');
    expect('\n');
  }
}
