package org.mailstead.smtp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.smtp.wire.MailFrom.BodyKind;
import org.mailstead.smtp.wire.MailFrom.DsnReturn;
import org.mailstead.smtp.wire.RcptTo.Notify;
import org.mailstead.smtp.wire.RcptTo.OriginalRecipient;

/// Turns one line, without its CRLF, into a command.
///
/// Lenient where programs err and nothing can be misread: a space after `FROM:` and `TO:`, missing
/// angle brackets, trailing spaces, dots in odd places of a local part. Strict with control
/// characters and everything after the path.
public final class CommandParser {
  private static final int HELLO_NAME_CHARACTERS_MAX = 255;

  /// RFC 3461 §4.4 and §4.2.
  private static final int ENVELOPE_ID_CHARACTERS_MAX = 100;

  private static final int ORIGINAL_RECIPIENT_CHARACTERS_MAX = 500;

  /// RFC 1870 §4: up to 20 digits; larger than a long counts as the largest long.
  private static final int SIZE_DIGITS_MAX = 20;

  private CommandParser() {}

  /// @throws MalformedException the grammar is broken; the text may be shown to the peer
  public static SmtpCommand parse(byte[] bytes, int from, int to) {
    String line = text(bytes, from, to);
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == ' ') end--;
    int space = line.indexOf(' ');
    if (space < 0 || space > end) space = end;
    String verb = line.substring(0, space).toUpperCase(Locale.ROOT);
    String argument = space < end ? line.substring(space + 1, end).strip() : "";
    return switch (verb) {
      case "HELO" -> new SmtpCommand.Helo(helloName(argument));
      case "EHLO" -> new SmtpCommand.Ehlo(helloName(argument));
      case "LHLO" -> new SmtpCommand.Lhlo(helloName(argument));
      case "MAIL" -> mail(afterKeyword(argument, "FROM:"));
      case "RCPT" -> rcpt(afterKeyword(argument, "TO:"));
      case "DATA" -> withoutArgument(argument, new SmtpCommand.Data());
      case "BDAT" -> bdat(argument);
      case "RSET" -> withoutArgument(argument, new SmtpCommand.Rset());
      case "NOOP" -> new SmtpCommand.Noop();
      case "QUIT" -> withoutArgument(argument, new SmtpCommand.Quit());
      case "HELP" -> new SmtpCommand.Help();
      case "VRFY" -> new SmtpCommand.Vrfy(required(argument));
      case "EXPN" -> new SmtpCommand.Expn(required(argument));
      case "STARTTLS" -> withoutArgument(argument, new SmtpCommand.StartTls());
      case "AUTH" -> auth(argument);
      // Cross-protocol attacks: a browser that posts a form to our port.
      case "GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT" ->
          new SmtpCommand.ForeignProtocol(verb);
      default -> new SmtpCommand.Unknown(printable(verb));
    };
  }

  private static String text(byte[] bytes, int from, int to) {
    boolean ascii = true;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (b < ' ') {
        if (b >= 0) throw new MalformedException("control character in a command");
        ascii = false;
      } else if (b == 0x7F) {
        throw new MalformedException("control character in a command");
      }
    }
    if (ascii) return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    return XText.strictUtf8(Arrays.copyOfRange(bytes, from, to));
  }

  private static SmtpCommand withoutArgument(String argument, SmtpCommand command) {
    if (!argument.isEmpty()) throw new MalformedException("no argument is expected");
    return command;
  }

  private static String required(String argument) {
    if (argument.isEmpty()) throw new MalformedException("an argument is expected");
    return argument;
  }

  private static String helloName(String argument) {
    // Deviates: RFC 5321 §4.1.1.1 — deviations.md#hello-name
    if (argument.isEmpty()) throw new MalformedException("a host name is expected");
    if (argument.length() > HELLO_NAME_CHARACTERS_MAX || argument.indexOf(' ') >= 0) {
      throw new MalformedException("not a host name");
    }
    var name = new StringBuilder(argument.length());
    for (int i = 0; i < argument.length(); i++) {
      char c = argument.charAt(i);
      boolean safe = c < 0x80 && (Character.isLetterOrDigit(c) || ".-_:[]".indexOf(c) >= 0);
      // Client: home computers greet with whatever their owner called them. The name goes into
      // Received, so only the characters of host names and literals survive.
      name.append(safe ? c : '?');
    }
    return name.toString();
  }

  private static String afterKeyword(String argument, String keyword) {
    if (!argument.regionMatches(true, 0, keyword, 0, keyword.length())) {
      throw new MalformedException(keyword + "<address> is expected");
    }
    return argument.substring(keyword.length()).stripLeading();
  }

  // ---- paths

  /// A path and the parameters after it.
  private record PathAndRest(String mailbox, String rest) {
    /// RFC 5321 §4.1.2; the source route is ignored, as appendix C wants.
    static PathAndRest split(String text) {
      if (!text.startsWith("<")) {
        // Client: printers and scanners leave the brackets out.
        int space = text.indexOf(' ');
        int end = space < 0 ? text.length() : space;
        String mailbox = text.substring(0, end);
        // Deviates: RFC 5321 §4.1.2 — deviations.md#path-brackets
        if (mailbox.isEmpty() || mailbox.indexOf('<') >= 0 || mailbox.indexOf('>') >= 0) {
          throw new MalformedException("an address in angle brackets is expected");
        }
        return new PathAndRest(mailbox, text.substring(end));
      }
      int end = closingBracket(text);
      String rest = text.substring(end + 1);
      if (!rest.isEmpty() && rest.charAt(0) != ' ') {
        throw new MalformedException("a space is expected after the path");
      }
      return new PathAndRest(withoutRoute(text.substring(1, end).strip()), rest);
    }

    private static int closingBracket(String text) {
      boolean quoted = false;
      for (int i = 1; i < text.length(); i++) {
        char c = text.charAt(i);
        if (quoted && c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = !quoted;
        } else if (c == '>' && !quoted) {
          return i;
        }
      }
      throw new MalformedException("the path has no closing bracket");
    }

    private static String withoutRoute(String path) {
      if (!path.startsWith("@")) return path;
      int colon = path.indexOf(':');
      if (colon < 0) throw new MalformedException("a source route ends with a colon");
      for (String hop : path.substring(0, colon).split(",", -1)) {
        if (hop.length() < 2 || hop.charAt(0) != '@' || hop.indexOf('"') >= 0) {
          throw new MalformedException("not a source route");
        }
      }
      return path.substring(colon + 1);
    }
  }

  // ---- MAIL and RCPT

  private static SmtpCommand mail(String text) {
    var path = PathAndRest.split(text);
    Optional<EmailAddress> reversePath =
        path.mailbox().isEmpty()
            ? Optional.empty()
            : Optional.of(PathText.parseMailbox(path.mailbox()));
    var parameters = new Parameters(path.rest());
    var size = OptionalLong.empty();
    Optional<BodyKind> body = Optional.empty();
    boolean smtpUtf8 = false;
    Optional<DsnReturn> returned = Optional.empty();
    Optional<String> envelopeId = Optional.empty();
    boolean auth = false;
    boolean requireTls = false;
    while (parameters.next()) {
      switch (parameters.key()) {
        case "SIZE" -> {
          once(size.isEmpty());
          size = OptionalLong.of(number(parameters.value()));
        }
        case "BODY" -> {
          once(body.isEmpty());
          String value = parameters.value().toUpperCase(Locale.ROOT);
          if (value.equals("7BIT")) {
            body = Optional.of(BodyKind.SEVEN_BIT);
          } else if (value.equals("8BITMIME")) {
            body = Optional.of(BodyKind.EIGHT_BIT_MIME);
          } else {
            return new SmtpCommand.UnknownParameter("MAIL", "BODY=" + printable(value));
          }
        }
        case "SMTPUTF8" -> {
          once(!smtpUtf8);
          parameters.refuseValue();
          smtpUtf8 = true;
        }
        case "REQUIRETLS" -> {
          once(!requireTls);
          parameters.refuseValue();
          requireTls = true;
        }
        case "RET" -> {
          once(returned.isEmpty());
          returned =
              Optional.of(
                  switch (parameters.value().toUpperCase(Locale.ROOT)) {
                    case "FULL" -> DsnReturn.FULL;
                    case "HDRS" -> DsnReturn.HEADERS;
                    default -> throw new MalformedException("RET is FULL or HDRS");
                  });
        }
        case "ENVID" -> {
          once(envelopeId.isEmpty());
          if (parameters.value().length() > ENVELOPE_ID_CHARACTERS_MAX) {
            throw new MalformedException("ENVID too long");
          }
          envelopeId = Optional.of(XText.decode(parameters.value()));
        }
        case "AUTH" -> {
          // Deviates: RFC 4954 §5 — deviations.md#auth-parameter
          // RFC 4954 §5: from a peer that we do not trust with it, the same as AUTH=<>.
          once(!auth);
          var _ = XText.decode(parameters.value());
          auth = true;
        }
        default -> {
          return new SmtpCommand.UnknownParameter("MAIL", printable(parameters.key()));
        }
      }
    }
    return new SmtpCommand.Mail(
        new MailFrom(
            reversePath,
            size,
            body.orElse(BodyKind.SEVEN_BIT),
            smtpUtf8,
            returned,
            envelopeId,
            requireTls));
  }

  private static SmtpCommand rcpt(String text) {
    var path = PathAndRest.split(text);
    // RFC 5321 §4.1.1.3: without a domain, in any case, and always accepted.
    Optional<EmailAddress> address =
        path.mailbox().equalsIgnoreCase("postmaster")
            ? Optional.empty()
            : Optional.of(PathText.parseMailbox(path.mailbox()));
    var parameters = new Parameters(path.rest());
    Set<Notify> notifications = EnumSet.noneOf(Notify.class);
    Optional<OriginalRecipient> original = Optional.empty();
    while (parameters.next()) {
      switch (parameters.key()) {
        case "NOTIFY" -> {
          once(notifications.isEmpty());
          notifications = notifications(parameters.value());
        }
        case "ORCPT" -> {
          once(original.isEmpty());
          original = Optional.of(originalRecipient(parameters.value()));
        }
        default -> {
          return new SmtpCommand.UnknownParameter("RCPT", printable(parameters.key()));
        }
      }
    }
    return new SmtpCommand.Rcpt(address, notifications, original);
  }

  private static Set<Notify> notifications(String value) {
    Set<Notify> result = EnumSet.noneOf(Notify.class);
    for (String word : value.toUpperCase(Locale.ROOT).split(",", -1)) {
      Notify one =
          switch (word) {
            case "NEVER" -> Notify.NEVER;
            case "SUCCESS" -> Notify.SUCCESS;
            case "FAILURE" -> Notify.FAILURE;
            case "DELAY" -> Notify.DELAY;
            default -> throw new MalformedException("unknown word in NOTIFY");
          };
      once(result.add(one));
    }
    // RFC 3461 §4.1.
    if (result.contains(Notify.NEVER) && result.size() > 1) {
      throw new MalformedException("NEVER stands alone in NOTIFY");
    }
    return result;
  }

  private static OriginalRecipient originalRecipient(String value) {
    if (value.length() > ORIGINAL_RECIPIENT_CHARACTERS_MAX) {
      throw new MalformedException("ORCPT too long");
    }
    int semicolon = value.indexOf(';');
    if (semicolon < 1) throw new MalformedException("ORCPT needs type;address");
    String type = value.substring(0, semicolon);
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c >= 0x80 || (!Character.isLetterOrDigit(c) && c != '-')) {
        throw new MalformedException("ORCPT needs type;address");
      }
    }
    return new OriginalRecipient(
        type.toLowerCase(Locale.ROOT), XText.decode(value.substring(semicolon + 1)));
  }

  /// `KEY` or `KEY=VALUE`, each after a space (RFC 5321 §4.1.2: Mail-parameters).
  private static final class Parameters {
    private final String text;
    private int at;
    private String key = "";
    private Optional<String> value = Optional.empty();

    Parameters(String text) {
      this.text = text;
    }

    boolean next() {
      while (at < text.length() && text.charAt(at) == ' ') at++;
      if (at == text.length()) return false;
      int end = text.indexOf(' ', at);
      if (end < 0) end = text.length();
      String word = text.substring(at, end);
      at = end;
      int equals = word.indexOf('=');
      key = (equals < 0 ? word : word.substring(0, equals)).toUpperCase(Locale.ROOT);
      value = equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1));
      if (key.isEmpty()) throw new MalformedException("a parameter needs a name");
      return true;
    }

    String key() {
      return key;
    }

    String value() {
      return value.orElseThrow(() -> new MalformedException(key + " needs a value"));
    }

    void refuseValue() {
      if (value.isPresent()) throw new MalformedException(key + " takes no value");
    }
  }

  private static void once(boolean first) {
    if (!first) throw new MalformedException("a parameter is repeated");
  }

  // ---- BDAT and AUTH

  private static SmtpCommand bdat(String argument) {
    String[] words = argument.split(" +");
    boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
    if (words.length > 2 || (words.length == 2 && !last)) {
      throw new MalformedException("BDAT needs a size and perhaps LAST");
    }
    return new SmtpCommand.Bdat(number(words[0]), last);
  }

  private static SmtpCommand auth(String argument) {
    String[] words = required(argument).split(" +", -1);
    if (words.length > 2) throw new MalformedException("AUTH needs a mechanism");
    String mechanism = words[0].toUpperCase(Locale.ROOT);
    return new SmtpCommand.Auth(
        mechanism, words.length == 2 ? Optional.of(words[1]) : Optional.empty());
  }

  /// Digits only. Numbers beyond a long are the largest long: too large for everything we know.
  private static long number(String digits) {
    if (digits.isEmpty() || digits.length() > SIZE_DIGITS_MAX) {
      throw new MalformedException("a number is expected");
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') throw new MalformedException("a number is expected");
      value = value > (Long.MAX_VALUE - 9) / 10 ? Long.MAX_VALUE : value * 10 + (c - '0');
    }
    return value;
  }

  /// Short enough and harmless enough to be said back or logged.
  private static String printable(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), 40); i++) {
      char c = text.charAt(i);
      out.append(c > ' ' && c < 0x7F ? c : '?');
    }
    return out.toString();
  }
}
