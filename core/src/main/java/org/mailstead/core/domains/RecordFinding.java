package org.mailstead.core.domains;

import java.util.Optional;

/// What the DNS said about one wanted record.
///
/// @param found the value found, cut to [#TEXT_CHARS_MAX]
/// @param hint what is wrong and what to do about it, one sentence or two
public record RecordFinding(Outcome outcome, Optional<String> found, Optional<String> hint) {
  /// Others choose what their records hold; this much of it is kept and shown.
  public static final int TEXT_CHARS_MAX = 1_000;

  /// How the answer compares with what is wanted.
  public enum Outcome {
    MATCHED,
    /// There is no such record.
    ABSENT,
    DIFFERENT,
    /// No name server of the domain gave an answer.
    UNREACHABLE
  }

  public RecordFinding {
    found = found.map(RecordFinding::shown);
    hint = hint.map(RecordFinding::shown);
  }

  public static RecordFinding matched(String found) {
    return new RecordFinding(Outcome.MATCHED, Optional.of(found), Optional.empty());
  }

  public static RecordFinding absent(String hint) {
    return new RecordFinding(Outcome.ABSENT, Optional.empty(), Optional.of(hint));
  }

  public static RecordFinding different(String found, String hint) {
    return new RecordFinding(Outcome.DIFFERENT, Optional.of(found), Optional.of(hint));
  }

  public static RecordFinding unreachable(String hint) {
    return new RecordFinding(Outcome.UNREACHABLE, Optional.empty(), Optional.of(hint));
  }

  public boolean isMatched() {
    return outcome == Outcome.MATCHED;
  }

  public RecordFinding withHint(String text) {
    return new RecordFinding(outcome, found, Optional.of(text));
  }

  /// Without what a terminal would obey.
  private static String shown(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), TEXT_CHARS_MAX); i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || (c >= 0x7f && c < 0xa0) || Character.isSurrogate(c) ? '?' : c);
    }
    return out.toString();
  }
}
