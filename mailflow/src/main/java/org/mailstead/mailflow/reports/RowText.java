package org.mailstead.mailflow.reports;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Rows of counts as texts: fields with a separator that none of them holds.
final class RowText {
  private static final char SEPARATOR = '\u001f';
  private static final int FIELD_CHARS_MAX = 255;

  private RowText() {}

  /// Without control characters, and no longer than what a domain or a reason needs.
  static String clean(String text) {
    String cut = text.length() > FIELD_CHARS_MAX ? text.substring(0, FIELD_CHARS_MAX) : text;
    return cut.replaceAll("[\\x00-\\x1f\\x7f]", "?");
  }

  static byte[] write(List<String> fields) {
    return String.join(String.valueOf(SEPARATOR), fields).getBytes(StandardCharsets.UTF_8);
  }

  static List<String> read(byte[] row) {
    return List.of(new String(row, StandardCharsets.UTF_8).split(String.valueOf(SEPARATOR), -1));
  }
}
