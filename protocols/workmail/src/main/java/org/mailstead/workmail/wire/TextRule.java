package org.mailstead.workmail.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the model demands of a string. The pattern is compiled when first needed: most start-ups
/// need few of the sixty.
public final class TextRule {
  private final int lengthMin;
  private final int lengthMax;
  private final String pattern;
  private final boolean sensitive;
  private volatile @Nullable Pattern compiled;

  /// @param pattern must match the whole text; empty for none
  /// @param sensitive the text is never shown in errors, logs or audit records
  public TextRule(int lengthMin, int lengthMax, String pattern, boolean sensitive) {
    this.lengthMin = lengthMin;
    this.lengthMax = lengthMax;
    this.pattern = pattern;
    this.sensitive = sensitive;
  }

  boolean sensitive() {
    return sensitive;
  }

  /// The constraints that a text fails, in AWS's words. A text that is too long is not matched
  /// against the pattern, so that matching stays short.
  List<String> failures(String text) {
    int length = text.codePointCount(0, text.length());
    List<String> failures = new ArrayList<>(0);
    if (length > lengthMax) {
      failures.add("Member must have length less than or equal to " + lengthMax);
      return failures;
    }
    if (length < lengthMin) {
      failures.add("Member must have length greater than or equal to " + lengthMin);
    }
    if (!pattern.isEmpty() && !compiled().matcher(text).matches()) {
      failures.add("Member must satisfy regular expression pattern: " + pattern);
    }
    return failures;
  }

  private Pattern compiled() {
    Pattern known = compiled;
    if (known == null) {
      known = Pattern.compile(pattern);
      compiled = known;
    }
    return known;
  }
}
