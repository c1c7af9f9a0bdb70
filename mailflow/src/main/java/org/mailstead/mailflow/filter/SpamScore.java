package org.mailstead.mailflow.filter;

import java.util.ArrayList;
import java.util.List;

/// What a spam filter says of a message.
///
/// @param required from which score on it is spam, by the filter's own count
/// @param reasons names of the rules that met it, or sentences; printable
public record SpamScore(boolean isSpam, double score, double required, List<String> reasons) {
  public SpamScore {
    List<String> kept = new ArrayList<>();
    for (String reason : reasons) {
      if (kept.size() == FilterLimits.REASONS_MAX) break;
      String clean = clean(reason);
      if (!clean.isEmpty()) kept.add(clean);
    }
    reasons = List.copyOf(kept);
    if (!Double.isFinite(score) || !Double.isFinite(required)) {
      throw new IllegalArgumentException("not a score");
    }
  }

  /// Printable ASCII of bounded length, without what ends a word or comment in our header fields.
  static String clean(String text) {
    String cut =
        text.length() > FilterLimits.REASON_CHARS_MAX
            ? text.substring(0, FilterLimits.REASON_CHARS_MAX)
            : text;
    return cut.replaceAll("[^ -~]", "?").replaceAll("[;,]", " ").strip();
  }
}
