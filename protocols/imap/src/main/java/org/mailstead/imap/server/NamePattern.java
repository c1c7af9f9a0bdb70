package org.mailstead.imap.server;

import java.util.Locale;

/// A LIST pattern: `*` stands for anything, `%` for anything without the delimiter.
final class NamePattern {
  private final String pattern;
  private final String inboxPattern;

  NamePattern(String pattern) {
    // Runs of wildcards mean what their strongest means; matching is linear in what remains.
    this.pattern = pattern.replaceAll("[%*]*\\*[%*]*", "*").replaceAll("%+", "%");
    // RFC 9051 §5.1: INBOX in any case.
    this.inboxPattern =
        this.pattern.regionMatches(true, 0, "INBOX", 0, 5)
            ? this.pattern.substring(0, 5).toUpperCase(Locale.ROOT) + this.pattern.substring(5)
            : this.pattern;
  }

  /// Whether a name that begins with this could match.
  boolean mayMatchBelow(String prefix) {
    int wild = 0;
    while (wild < pattern.length() && pattern.charAt(wild) != '*' && pattern.charAt(wild) != '%') {
      wild++;
    }
    String fixed = pattern.substring(0, wild);
    return fixed.startsWith(prefix) || prefix.startsWith(fixed);
  }

  boolean matches(String name) {
    boolean inbox =
        name.startsWith("INBOX") && (name.length() == 5 || name.charAt(5) == Account.DELIMITER);
    return matches(inbox ? inboxPattern : pattern, name);
  }

  /// One row of the usual table at a time: the states of the pattern that the name so far can be
  /// in.
  private static boolean matches(String pattern, String name) {
    boolean[] states = new boolean[pattern.length() + 1];
    states[0] = true;
    passWildcards(pattern, states);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean[] next = new boolean[states.length];
      boolean alive = false;
      for (int state = 0; state < pattern.length(); state++) {
        if (!states[state]) continue;
        char p = pattern.charAt(state);
        if (p == '*' || (p == '%' && c != Account.DELIMITER)) {
          next[state] = true;
          alive = true;
        } else if (p != '%' && p == c) {
          next[state + 1] = true;
          alive = true;
        }
      }
      if (!alive) return false;
      passWildcards(pattern, next);
      states = next;
    }
    return states[pattern.length()];
  }

  private static void passWildcards(String pattern, boolean[] states) {
    for (int state = 0; state < pattern.length(); state++) {
      char p = pattern.charAt(state);
      if (states[state] && (p == '*' || p == '%')) states[state + 1] = true;
    }
  }
}
