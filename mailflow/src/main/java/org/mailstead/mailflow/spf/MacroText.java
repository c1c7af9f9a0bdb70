package org.mailstead.mailflow.spf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.mailstead.base.MalformedException;

/// Text with macros.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7208#section-7 RFC 7208 §7
record MacroText(List<Part> parts) {
  sealed interface Part {
    record Literal(String text) implements Part {}

    /// @param count rightmost pieces to keep; 0: all
    /// @param isEscaped an upper-case letter: the value is URL-escaped
    record Macro(char letter, int count, boolean isReversed, String delimiters, boolean isEscaped)
        implements Part {}
  }

  private static final String LETTERS = "slodiphv";
  private static final String EXPLANATION_LETTERS = "crt";
  private static final String DELIMITERS = ".-+,/_=";

  /// @param inExplanation whether `c`, `r`, `t` and spaces are allowed (§6.2)
  static MacroText parse(String text, boolean inExplanation) {
    List<Part> parts = new ArrayList<>();
    var literal = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      char c = text.charAt(at);
      if (c != '%') {
        if (c > 0x7E || c < (inExplanation ? 0x20 : 0x21)) {
          throw new MalformedException("a character that is not allowed in a macro string");
        }
        literal.append(c);
        at++;
        continue;
      }
      char next = at + 1 < text.length() ? text.charAt(at + 1) : '\0';
      switch (next) {
        case '%' -> literal.append('%');
        case '_' -> literal.append(' ');
        case '-' -> literal.append("%20");
        case '{' -> {
          int end = text.indexOf('}', at);
          if (end < 0) throw new MalformedException("a macro without its end");
          if (!literal.isEmpty()) parts.add(new Part.Literal(literal.toString()));
          literal.setLength(0);
          parts.add(macro(text.substring(at + 2, end), inExplanation));
          at = end - 1;
        }
        default -> throw new MalformedException("a percent sign that begins no macro");
      }
      at += 2;
    }
    if (!literal.isEmpty()) parts.add(new Part.Literal(literal.toString()));
    return new MacroText(List.copyOf(parts));
  }

  private static Part.Macro macro(String inside, boolean inExplanation) {
    if (inside.isEmpty()) throw new MalformedException("an empty macro");
    char letter = Character.toLowerCase(inside.charAt(0));
    boolean known =
        LETTERS.indexOf(letter) >= 0 || (inExplanation && EXPLANATION_LETTERS.indexOf(letter) >= 0);
    if (!known) throw new MalformedException("an unknown macro letter");
    int at = 1;
    int count = 0;
    while (at < inside.length() && Character.isDigit(inside.charAt(at))) {
      count = Math.min(1_000, count * 10 + (inside.charAt(at++) - '0'));
    }
    // §7.1: zero pieces are a mistake.
    if (at > 1 && count == 0) throw new MalformedException("a macro that keeps nothing");
    boolean reversed = at < inside.length() && Character.toLowerCase(inside.charAt(at)) == 'r';
    if (reversed) at++;
    String delimiters = inside.substring(at);
    if (!delimiters.chars().allMatch(c -> DELIMITERS.indexOf(c) >= 0)) {
      throw new MalformedException("an unknown macro transformer");
    }
    return new Part.Macro(
        letter,
        count,
        reversed,
        delimiters.isEmpty() ? "." : delimiters,
        Character.isUpperCase(inside.charAt(0)));
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /// Whether it ends in a macro that is expanded when the record is used.
  boolean endsInMacro() {
    return !parts.isEmpty() && parts.getLast() instanceof Part.Macro;
  }

  String lastLiteral() {
    return !parts.isEmpty() && parts.getLast() instanceof Part.Literal(String text) ? text : "";
  }

  /// @param values of the macro letters
  String expand(Function<Character, String> values) {
    var out = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal(String text) -> out.append(text);
        case Part.Macro macro -> out.append(transform(macro, values.apply(macro.letter())));
      }
    }
    return out.toString();
  }

  private static String transform(Part.Macro macro, String value) {
    List<String> pieces = new ArrayList<>();
    var piece = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (macro.delimiters().indexOf(c) >= 0) {
        pieces.add(piece.toString());
        piece.setLength(0);
      } else {
        piece.append(c);
      }
    }
    pieces.add(piece.toString());
    if (macro.isReversed()) Collections.reverse(pieces);
    int from = macro.count() == 0 ? 0 : Math.max(0, pieces.size() - macro.count());
    String text = String.join(".", pieces.subList(from, pieces.size()));
    return macro.isEscaped() ? escape(text) : text;
  }

  /// RFC 3986 §2.3: all but unreserved characters.
  private static String escape(String text) {
    var out = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xFF);
      boolean unreserved =
          c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_' || c == '~');
      if (unreserved) out.append(c);
      else out.append(String.format(Locale.ROOT, "%%%02X", (int) c));
    }
    return out.toString();
  }
}
