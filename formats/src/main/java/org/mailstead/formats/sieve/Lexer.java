package org.mailstead.formats.sieve;

import java.util.Locale;
import org.mailstead.base.MalformedException;

/// Characters of a script to tokens. Tolerates bare line feeds.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5228#section-8.1 RFC 5228 §8.1
final class Lexer {
  private static final long NUMBER_MAX = 1L << 40;

  private final String text;
  private int at;
  private int line = 1;
  private int lineStart;

  Lexer(String text) {
    this.text = text;
  }

  /// @throws MalformedException with line and column
  Token next() {
    skip();
    Place place = place();
    if (at == text.length()) return new Token.End(place);
    char c = text.charAt(at);
    if (isLetter(c)) {
      String word = word();
      if (word.equalsIgnoreCase("text") && at < text.length() && text.charAt(at) == ':') {
        at++;
        return new Token.Text(multiLine(place), place);
      }
      return new Token.Identifier(word.toLowerCase(Locale.ROOT), place);
    }
    if (isDigit(c)) return new Token.Numeral(number(place), place);
    return switch (c) {
      case '"' -> new Token.Text(quoted(place), place);
      case ':' -> {
        at++;
        if (at == text.length() || !isLetter(text.charAt(at))) {
          throw place.malformed("a colon must be followed by the name of a tag");
        }
        yield new Token.Tag(word().toLowerCase(Locale.ROOT), place);
      }
      case '(', ')', '[', ']', '{', '}', ',', ';' -> {
        at++;
        yield new Token.Mark(c, place);
      }
      default -> throw place.malformed("unexpected character " + shown(c));
    };
  }

  private static String shown(char c) {
    return c > ' ' && c < 0x7f ? "'" + c + "'" : "U+" + String.format("%04X", (int) c);
  }

  private Place place() {
    return new Place(line, at - lineStart + 1);
  }

  private void newLine() {
    line++;
    lineStart = at;
  }

  /// White space and comments.
  private void skip() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        at++;
        newLine();
      } else if (c == ' ' || c == '\t' || c == '\r') {
        at++;
      } else if (c == '#') {
        while (at < text.length() && text.charAt(at) != '\n') at++;
      } else if (c == '/' && at + 1 < text.length() && text.charAt(at + 1) == '*') {
        comment();
      } else {
        return;
      }
    }
  }

  private void comment() {
    Place begin = place();
    at += 2;
    while (!text.startsWith("*/", at)) {
      if (at >= text.length()) throw begin.malformed("a comment without an end");
      boolean ends = text.charAt(at) == '\n';
      at++;
      if (ends) newLine();
    }
    at += 2;
  }

  private String word() {
    int from = at;
    while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) at++;
    return text.substring(from, at);
  }

  private long number(Place place) {
    long value = 0;
    while (at < text.length() && isDigit(text.charAt(at))) {
      value = value * 10 + (text.charAt(at++) - '0');
      if (value > NUMBER_MAX) throw place.malformed("the number is too large");
    }
    if (at < text.length()) {
      long factor =
          switch (text.charAt(at)) {
            case 'k', 'K' -> 1L << 10;
            case 'm', 'M' -> 1L << 20;
            case 'g', 'G' -> 1L << 30;
            default -> 0;
          };
      if (factor > 0) {
        at++;
        if (value > NUMBER_MAX / factor) throw place.malformed("the number is too large");
        value *= factor;
      }
      if (at < text.length() && isLetter(text.charAt(at))) {
        throw place.malformed("a number ends with a digit, K, M or G");
      }
    }
    return value;
  }

  private String quoted(Place place) {
    at++;
    var value = new StringBuilder();
    while (true) {
      if (at >= text.length()) throw place.malformed("a string without an end");
      char c = text.charAt(at++);
      if (c == '"') return value.toString();
      // RFC 5228 §2.4.2: a backslash before anything else is passed over.
      if (c == '\\' && at < text.length()) c = text.charAt(at++);
      add(value, c, place);
      if (c == '\n') newLine();
    }
  }

  /// `text:` up to a line with a dot (RFC 5228 §2.4.2); its lines end with CRLF.
  private String multiLine(Place place) {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) at++;
    if (at < text.length() && text.charAt(at) == '#') {
      while (at < text.length() && text.charAt(at) != '\n') at++;
    }
    if (at < text.length() && text.charAt(at) == '\r') at++;
    if (at >= text.length() || text.charAt(at) != '\n') {
      throw place.malformed("after text: the line must end");
    }
    at++;
    newLine();
    var value = new StringBuilder();
    while (true) {
      int end = text.indexOf('\n', at);
      String read = end < 0 ? text.substring(at) : text.substring(at, end);
      if (read.endsWith("\r")) read = read.substring(0, read.length() - 1);
      if (end < 0 && !read.equals(".")) throw place.malformed("a text without a line with a dot");
      at = end < 0 ? text.length() : end + 1;
      newLine();
      if (read.equals(".")) return value.toString();
      String content = read.startsWith("..") ? read.substring(1) : read;
      for (int i = 0; i < content.length(); i++) add(value, content.charAt(i), place);
      value.append("\r\n");
    }
  }

  private static void add(StringBuilder value, char c, Place place) {
    if (c == '\0') throw place.malformed("a string holds a NUL");
    if (value.length() >= SieveLimits.STRING_CHARS_MAX) {
      throw place.malformed(
          "a string is longer than " + SieveLimits.STRING_CHARS_MAX + " characters");
    }
    value.append(c);
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
