package org.mailstead.migration.cutover;

import java.util.List;

/// One thing that was looked at, and what to do about it.
///
/// @param about what it is about: a domain, `directory`, a mailbox, an address
/// @param text what was found, one line
/// @param next what to do, a line each
public record Finding(Level level, String about, String text, List<String> next) {
  /// How much it weighs.
  public enum Level {
    OK,
    /// Somebody should look at it; it stops nothing.
    WARNING,
    /// A reason for no.
    NO_GO
  }

  static Finding ok(String about, String text, String... next) {
    return new Finding(Level.OK, about, shown(text), List.of(next));
  }

  static Finding warning(String about, String text, String... next) {
    return new Finding(Level.WARNING, about, shown(text), List.of(next));
  }

  static Finding noGo(String about, String text, String... next) {
    return new Finding(Level.NO_GO, about, shown(text), List.of(next));
  }

  /// Without what a terminal would obey: much of it was written by others.
  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
