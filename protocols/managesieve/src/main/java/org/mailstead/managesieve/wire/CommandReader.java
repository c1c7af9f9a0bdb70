package org.mailstead.managesieve.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.sieve.SieveLimits;

/// Octets to commands. After a [MalformedException] the rest of the command has been passed over
/// and the next one can be read; a peer whose command cannot be passed over within the limits gets
/// [EndlessCommandException].
///
/// @spec https://www.rfc-editor.org/rfc/rfc5804#section-4 RFC 5804 §4
public final class CommandReader {
  private static final int END = -1;

  private final InputStream in;
  private int octet;
  private int left;

  /// @param in buffered
  public CommandReader(InputStream in) {
    this.in = in;
  }

  /// What is too large to be read to its end.
  public static final class EndlessCommandException extends IOException {
    private static final long serialVersionUID = 1L;

    EndlessCommandException(String text) {
      super(text);
    }
  }

  private sealed interface Argument {
    record Text(String value) implements Argument {}

    record Numeral(long value) implements Argument {}
  }

  /// The next command.
  ///
  /// @throws EOFException the peer is gone
  /// @throws MalformedException it cannot be understood
  public ManageSieveCommand read() throws IOException {
    left = ManageSieveLimits.LINE_BYTES_MAX;
    next();
    if (octet == END) throw new EOFException();
    String name;
    List<Argument> arguments;
    try {
      name = word();
      arguments = arguments();
    } catch (MalformedException e) {
      skipLine();
      throw e;
    }
    return command(name, arguments);
  }

  /// A string on a line of its own: the answer to a challenge.
  public String readText() throws IOException {
    left = ManageSieveLimits.LINE_BYTES_MAX;
    next();
    if (octet == END) throw new EOFException();
    List<Argument> arguments;
    try {
      arguments = arguments();
    } catch (MalformedException e) {
      skipLine();
      throw e;
    }
    if (arguments.size() == 1 && arguments.getFirst() instanceof Argument.Text(String value)) {
      return value;
    }
    throw new MalformedException("a string was expected");
  }

  private static ManageSieveCommand command(String name, List<Argument> arguments) {
    var left = new ArrayList<>(arguments);
    ManageSieveCommand command =
        switch (name) {
          case "AUTHENTICATE" ->
              new ManageSieveCommand.Authenticate(
                  text(left).toUpperCase(Locale.ROOT),
                  left.isEmpty() ? Optional.empty() : Optional.of(text(left)));
          case "STARTTLS" -> new ManageSieveCommand.StartTls();
          case "LOGOUT" -> new ManageSieveCommand.Logout();
          case "CAPABILITY" -> new ManageSieveCommand.Capability();
          case "HAVESPACE" -> new ManageSieveCommand.HaveSpace(text(left), number(left));
          case "PUTSCRIPT" -> new ManageSieveCommand.PutScript(text(left), text(left));
          case "LISTSCRIPTS" -> new ManageSieveCommand.ListScripts();
          case "SETACTIVE" -> new ManageSieveCommand.SetActive(text(left));
          case "GETSCRIPT" -> new ManageSieveCommand.GetScript(text(left));
          case "DELETESCRIPT" -> new ManageSieveCommand.DeleteScript(text(left));
          case "RENAMESCRIPT" -> new ManageSieveCommand.RenameScript(text(left), text(left));
          case "CHECKSCRIPT" -> new ManageSieveCommand.CheckScript(text(left));
          case "NOOP" ->
              new ManageSieveCommand.Noop(
                  left.isEmpty() ? Optional.empty() : Optional.of(text(left)));
          case "UNAUTHENTICATE" -> new ManageSieveCommand.Unauthenticate();
          default -> throw new MalformedException("unknown command");
        };
    if (!left.isEmpty()) throw new MalformedException("too many arguments");
    return command;
  }

  private static String text(List<Argument> left) {
    if (!left.isEmpty() && left.removeFirst() instanceof Argument.Text(String value)) return value;
    throw new MalformedException("a string was expected");
  }

  private static long number(List<Argument> left) {
    if (!left.isEmpty() && left.removeFirst() instanceof Argument.Numeral(long value)) return value;
    throw new MalformedException("a number was expected");
  }

  private String word() throws IOException {
    var word = new StringBuilder();
    while ((octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z')) {
      if (word.length() > 20) throw new MalformedException("unknown command");
      word.append((char) octet);
      next();
    }
    if (word.isEmpty()) throw new MalformedException("a command was expected");
    return word.toString().toUpperCase(Locale.ROOT);
  }

  /// Up to the end of the command, whose line break is the last octet read.
  private List<Argument> arguments() throws IOException {
    var arguments = new ArrayList<Argument>();
    while (true) {
      while (octet == ' ') next();
      if (octet == '\r') next();
      if (octet == '\n') return arguments;
      if (octet == END) throw new EOFException();
      if (arguments.size() == ManageSieveLimits.ARGUMENTS_MAX) {
        throw new MalformedException("too many arguments");
      }
      if (octet == '"') arguments.add(new Argument.Text(quoted()));
      else if (octet == '{') arguments.add(new Argument.Text(literal()));
      else if (octet >= '0' && octet <= '9') arguments.add(new Argument.Numeral(number()));
      else throw new MalformedException("a string or a number was expected");
    }
  }

  private String quoted() throws IOException {
    byte[] value = new byte[ManageSieveLimits.QUOTED_BYTES_MAX];
    int count = 0;
    next();
    while (octet != '"') {
      if (octet == '\\') next();
      if (octet == END) throw new EOFException();
      if (octet == '\r' || octet == '\n' || octet == 0) {
        throw new MalformedException("a quoted string ends on its line");
      }
      if (count == value.length) throw new MalformedException("a quoted string is too long");
      value[count++] = (byte) octet;
      next();
    }
    next();
    return utf8(value, count);
  }

  /// Non-synchronizing; the form without plus is taken too, as some clients send it.
  private String literal() throws IOException {
    next();
    long length = number();
    if (octet == '+') next();
    if (octet != '}') throw new MalformedException("a literal has the form {number+}");
    next();
    if (octet == '\r') next();
    if (octet != '\n') throw new MalformedException("a literal begins on the next line");
    if (length > ManageSieveLimits.LITERAL_BYTES_MAX) {
      throw new EndlessCommandException("a literal of " + length + " octets");
    }
    if (length > SieveLimits.SCRIPT_BYTES_MAX) {
      in.skipNBytes(length);
      next();
      throw new MalformedException("a script is too long");
    }
    byte[] value = in.readNBytes((int) length);
    if (value.length < length) throw new EOFException();
    next();
    return utf8(value, value.length);
  }

  private long number() throws IOException {
    if (octet < '0' || octet > '9') throw new MalformedException("a number was expected");
    long value = 0;
    while (octet >= '0' && octet <= '9') {
      value = value * 10 + (octet - '0');
      if (value > 0xFFFF_FFFFL) throw new MalformedException("a number is too large");
      next();
    }
    return value;
  }

  private static String utf8(byte[] value, int count) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(value, 0, count))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("a string is not UTF-8");
    }
  }

  private void skipLine() throws IOException {
    while (octet != '\n') {
      if (octet == END) throw new EOFException();
      next();
    }
  }

  private void next() throws IOException {
    if (--left < 0) throw new EndlessCommandException("a command is too long");
    octet = in.read();
  }
}
