package org.mailstead.formats.sieve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A pattern of `:matches`: `*` any number of characters, `?` one, a backslash before what stands
/// for itself (RFC 5228 §2.7.1). Every `*` takes as little as it can, from the left (RFC 5229
/// §3.2), which needs no backtracking: a match costs at most pattern times text.
final class Glob {
  private static final char ANY_ONE = '\uFFFF';

  /// What stands between the stars; [#ANY_ONE] for `?`.
  private final List<String> parts;

  private Glob(List<String> parts) {
    this.parts = parts;
  }

  /// @param fold what is done to what is compared
  static Glob of(String pattern, UnaryOperator<String> fold) {
    var parts = new ArrayList<String>();
    var part = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> {
          parts.add(fold.apply(part.toString()));
          part.setLength(0);
        }
        case '?' -> part.append(ANY_ONE);
        case '\\' -> part.append(i + 1 < pattern.length() ? pattern.charAt(++i) : c);
        default -> part.append(c);
      }
    }
    parts.add(fold.apply(part.toString()));
    return new Glob(parts);
  }

  /// What each wildcard stood for, in order; empty if the text does not match.
  ///
  /// @param text folded
  /// @param shown of the same length: what the parts are taken from
  Optional<List<String>> match(String text, String shown) {
    var found = new ArrayList<String>();
    String first = parts.getFirst();
    if (!isAt(text, 0, first)) return Optional.empty();
    take(found, shown, 0, first);
    int at = first.length();
    if (parts.size() == 1) return at == text.length() ? Optional.of(found) : Optional.empty();
    for (int i = 1; i < parts.size(); i++) {
      String part = parts.get(i);
      int begin = i == parts.size() - 1 ? text.length() - part.length() : find(text, at, part);
      if (begin < at || !isAt(text, begin, part)) return Optional.empty();
      found.add(shown.substring(at, begin));
      take(found, shown, begin, part);
      at = begin + part.length();
    }
    return Optional.of(found);
  }

  private static void take(List<String> found, String shown, int at, String part) {
    for (int i = 0; i < part.length(); i++) {
      if (part.charAt(i) == ANY_ONE) found.add(shown.substring(at + i, at + i + 1));
    }
  }

  private static int find(String text, int from, String part) {
    if (part.indexOf(ANY_ONE) < 0) return text.indexOf(part, from);
    for (int at = from; at + part.length() <= text.length(); at++) {
      if (isAt(text, at, part)) return at;
    }
    return -1;
  }

  private static boolean isAt(String text, int at, String part) {
    if (at < 0 || at + part.length() > text.length()) return false;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c != ANY_ONE && c != text.charAt(at + i)) return false;
    }
    return true;
  }
}
