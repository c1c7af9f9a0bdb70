package org.mailstead.formats.sieve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Compares values with keys, one [Matching] at a time.
final class Matcher {
  private final Matching matching;
  private final List<String> keys;
  private final Variables variables;
  private final Work work;
  private final boolean capturing;

  /// @param keys expanded
  /// @param capturing whether a match sets match variables
  Matcher(Matching matching, List<String> keys, Variables variables, Work work, boolean capturing) {
    this.matching = matching;
    this.keys = keys;
    this.variables = variables;
    this.work = work;
    this.capturing = capturing && variables.isEnabled();
  }

  boolean isCount() {
    return matching.type() == Matching.Type.COUNT;
  }

  /// Whether any value matches any key, or their number does.
  boolean matches(List<String> values) {
    if (isCount()) return count(values.size());
    for (String value : values) {
      if (matches(value)) return true;
    }
    return false;
  }

  boolean count(int number) {
    String counted = Integer.toString(number);
    for (String key : keys) {
      work.spend(key.length());
      if (matching.relation().holds(matching.comparator().compare(counted, key))) return true;
    }
    return false;
  }

  boolean matches(String value) {
    Comparator comparator = matching.comparator();
    String units = comparator.units(value);
    String folded = comparator.fold(units);
    for (String key : keys) {
      work.spend(value.length());
      boolean found =
          switch (matching.type()) {
            case IS -> comparator.compare(value, key) == 0;
            case CONTAINS -> {
              String part = comparator.fold(comparator.units(key));
              work.spend(worst(folded.length(), part.length()));
              yield folded.contains(part);
            }
            case MATCHES -> glob(comparator, units, folded, key);
            case VALUE -> matching.relation().holds(comparator.compare(value, key));
            case COUNT -> throw new IllegalStateException("counts have no values");
          };
      if (found) return true;
    }
    return false;
  }

  private boolean glob(Comparator comparator, String units, String folded, String key) {
    work.spend(worst(folded.length(), key.length()));
    // Where folding changes the length, what was matched is shown folded.
    String shown = units.length() == folded.length() ? units : folded;
    Optional<List<String>> found =
        Glob.of(comparator.units(key), comparator::fold).match(folded, shown);
    if (found.isEmpty()) return false;
    if (capturing) {
      var parts = new ArrayList<String>();
      parts.add(comparator.text(shown));
      for (String part : found.get()) {
        if (parts.size() == SieveLimits.MATCH_VARIABLES_MAX) break;
        parts.add(comparator.text(part));
      }
      variables.matched(parts);
    }
    return true;
  }

  /// A search costs little as a rule, and length times length at the worst: about the root of what
  /// that would be for everyday keys, all of it for long ones.
  private static long worst(int text, int key) {
    return key <= 64 ? text : (long) text * key / 4;
  }
}
