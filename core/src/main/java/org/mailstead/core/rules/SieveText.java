package org.mailstead.core.rules;

import java.util.List;
import java.util.stream.Collectors;

/// Pieces of Sieve text.
final class SieveText {
  private SieveText() {}

  static String quoted(String text) {
    String clean = text.replace("\0", "");
    return "\"" + clean.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  static String quoted(List<String> texts) {
    if (texts.size() == 1) return quoted(texts.getFirst());
    return texts.stream().map(SieveText::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /// On one line, for comments.
  static String line(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
