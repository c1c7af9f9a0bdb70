package org.mailstead.formats.mime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Address lists (RFC 5322 §3.4, §4.4) as lenient as stored mail needs. It accepts every input.
///
/// Names come out as they are shown: quotes and quoting backslashes removed, encoded words kept. A
/// comment serves as the name where there is no other, as in `jo@example.org (Jo)`. An address
/// without a domain has an empty host: an absent one would mean a group (RFC 9051 §7.5.2).
///
/// @spec https://www.rfc-editor.org/rfc/rfc5322 RFC 5322 §3.4
public final class AddressParser {
  private final String text;
  private final List<MimeAddress> found = new ArrayList<>();
  private int at;
  private boolean inGroup;

  /// The words before the address, and the address or the last word; both without comments.
  private final StringBuilder phrase = new StringBuilder();

  private final StringBuilder spec = new StringBuilder();

  /// Length of [#phrase] when the last word began: what is before it is the name.
  private int phraseBeforeSpec;

  /// Index of the last `@` in [#spec] outside of quotes; -1 if none.
  private int atSign = -1;

  private boolean spaceBefore;
  private boolean anything;
  private Optional<String> comment = Optional.empty();
  private Optional<MimeAddress> angle = Optional.empty();

  private AddressParser(String text) {
    this.text = text;
  }

  /// The elements of the list, groups as their start and end markers.
  ///
  /// @param raw octets, one char each, unfolded or not
  public static List<MimeAddress> parse(String raw) {
    if (raw.isEmpty()) return List.of();
    AddressParser parser = new AddressParser(raw);
    parser.run();
    return List.copyOf(parser.found);
  }

  private void run() {
    while (at < text.length() && found.size() < MimeLimits.ADDRESSES_MAX) {
      char c = text.charAt(at);
      switch (c) {
        case ' ', '\t', '\r', '\n', '\0' -> {
          spaceBefore = true;
          at++;
        }
        case ',' -> {
          at++;
          finish();
        }
        case ';' -> {
          at++;
          finish();
          if (inGroup) {
            found.add(GROUP_END);
            inGroup = false;
          }
        }
        case ':' -> colon();
        case '(' -> readComment();
        case '<' -> readAngle();
        case '"' -> word(readQuoted(), true);
        case '[' -> word(readLiteral(), false);
        case '@' -> {
          at++;
          anything = true;
          if (atSign < 0 || spec.length() > atSign) {
            phraseWord("@", !spaceBefore);
            atSign = spec.length();
            spec.append('@');
          }
          spaceBefore = false;
        }
        case '>', ')', ']' -> at++;
        default -> word(readAtom(), false);
      }
    }
    finish();
    if (inGroup) found.add(GROUP_END);
  }

  private void colon() {
    at++;
    if (inGroup || angle.isPresent() || atSign >= 0 || phrase.isEmpty()) {
      spaceBefore = true;
      return;
    }
    found.add(
        new MimeAddress(
            Optional.empty(), Optional.empty(), Optional.of(phrase.toString()), Optional.empty()));
    inGroup = true;
    clear();
  }

  private void word(String word, boolean quoted) {
    anything = true;
    boolean joins = !spaceBefore && !spec.isEmpty();
    char last = spec.isEmpty() ? ' ' : spec.charAt(spec.length() - 1);
    // "jo @ example . org": white space around the specials of an address (RFC 5322 §4.4).
    boolean continues =
        !quoted && (last == '@' || (last == '.' && atSign >= 0) || word.startsWith("."));
    if (!joins && !continues && !spec.isEmpty()) {
      if (atSign >= 0) {
        // The address is complete; what follows without a comma is lost on every reader.
        spaceBefore = false;
        return;
      }
      spec.setLength(0);
    }
    if (spec.isEmpty()) phraseBeforeSpec = phrase.length();
    phraseWord(word, joins);
    spec.append(word);
    spaceBefore = false;
  }

  private void phraseWord(String word, boolean joins) {
    if (angle.isPresent()) return;
    if (!phrase.isEmpty() && !joins) phrase.append(' ');
    phrase.append(word);
  }

  private void finish() {
    if (angle.isPresent()) {
      found.add(angle.get());
    } else if (anything) {
      String local;
      Optional<String> name = Optional.empty();
      String host = "";
      if (atSign >= 0) {
        local = spec.substring(0, atSign);
        host = spec.substring(atSign + 1);
        name = nonEmpty(phrase.substring(0, phraseBeforeSpec).strip());
      } else if (phraseBeforeSpec == 0) {
        local = spec.toString();
      } else {
        local = "";
        name = nonEmpty(phrase.toString());
      }
      found.add(
          new MimeAddress(
              name.or(() -> comment), Optional.empty(), Optional.of(local), Optional.of(host)));
    }
    clear();
  }

  private void clear() {
    phrase.setLength(0);
    spec.setLength(0);
    phraseBeforeSpec = 0;
    atSign = -1;
    spaceBefore = false;
    anything = false;
    comment = Optional.empty();
    angle = Optional.empty();
  }

  /// `<@route,@route:local@host>`; the end of the address if the bracket is never closed.
  private void readAngle() {
    at++;
    anything = true;
    var address = new StringBuilder();
    Optional<String> route = Optional.empty();
    int sign = -1;
    boolean open = true;
    while (open && at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case '>' -> {
          at++;
          open = false;
        }
        case ' ', '\t', '\r', '\n', '\0' -> at++;
        case '(' -> {
          int end = StructuredValue.commentEnd(text, at);
          at = end;
        }
        case '"' -> address.append(readQuoted());
        case ':' -> {
          at++;
          if (sign == 0) {
            // RFC 5322 §4.4 obs-route.
            route = Optional.of(address.toString());
            address.setLength(0);
            sign = -1;
          } else {
            address.append(':');
          }
        }
        case ',' -> {
          if (sign == 0) {
            address.append(',');
            at++;
          } else {
            open = false;
          }
        }
        case '@' -> {
          if (sign != 0) sign = address.length();
          address.append('@');
          at++;
        }
        default -> {
          address.append(c);
          at++;
        }
      }
    }
    if (angle.isPresent()) return;
    int split = sign == 0 ? address.lastIndexOf("@") : sign;
    String local = split < 0 ? address.toString() : address.substring(0, split);
    String host = split < 0 ? "" : address.substring(split + 1);
    Optional<String> name = nonEmpty(phrase.toString()).or(() -> comment);
    angle = Optional.of(new MimeAddress(name, route, Optional.of(local), Optional.of(host)));
    spaceBefore = true;
  }

  private void readComment() {
    int start = at;
    at = StructuredValue.commentEnd(text, at);
    spaceBefore |= atSign < 0 || spec.length() > atSign + 1;
    int end = at > start + 1 && text.charAt(at - 1) == ')' ? at - 1 : at;
    String content = text.substring(start + 1, end).strip();
    if (!content.isEmpty()) {
      comment = Optional.of(unescape(content));
      if (angle.isPresent() && angle.get().name().isEmpty()) {
        MimeAddress known = angle.get();
        angle = Optional.of(new MimeAddress(comment, known.route(), known.local(), known.host()));
      }
    }
  }

  private String readQuoted() {
    int start = ++at;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\') at++;
      at++;
    }
    int end = Math.min(at, text.length());
    at = Math.min(at + 1, text.length());
    return unescape(text.substring(start, end));
  }

  private static String unescape(String quoted) {
    boolean plain = true;
    for (int i = 0; i < quoted.length() && plain; i++) {
      char c = quoted.charAt(i);
      plain = c != '\\' && c != '\r' && c != '\n';
    }
    if (plain) return quoted;
    var out = new StringBuilder(quoted.length());
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c == '\r' || c == '\n') continue;
      if (c == '\\' && i + 1 < quoted.length()) c = quoted.charAt(++i);
      out.append(c);
    }
    return out.toString();
  }

  /// A domain literal (RFC 5322 §3.4.1), brackets kept.
  private String readLiteral() {
    int start = at++;
    while (at < text.length() && "],<>;".indexOf(text.charAt(at)) < 0) at++;
    if (at < text.length() && text.charAt(at) == ']') at++;
    return text.substring(start, at);
  }

  private String readAtom() {
    int start = at;
    // An encoded word is one atom, whatever unquoted specials a bad writer left in it.
    if (text.startsWith("=?", at)) {
      int end = encodedWordEnd(at);
      if (end > 0) {
        at = end;
        return text.substring(start, end);
      }
    }
    do at++;
    while (at < text.length() && " \t\r\n\0,;:(<>\"@[)]".indexOf(text.charAt(at)) < 0);
    return text.substring(start, at);
  }

  private int encodedWordEnd(int start) {
    int charset = text.indexOf('?', start + 2);
    if (charset < 0 || charset + 2 >= text.length() || text.charAt(charset + 2) != '?') return -1;
    for (int i = start; i + 1 < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == '<') return -1;
      if (c == '?' && i >= charset + 3 && text.charAt(i + 1) == '=') return i + 2;
    }
    return -1;
  }

  private static Optional<String> nonEmpty(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static final MimeAddress GROUP_END =
      new MimeAddress(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
