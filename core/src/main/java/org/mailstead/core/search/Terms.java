package org.mailstead.core.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// How folded text becomes terms, for messages and for what is searched. A term is a run of letters
/// and digits; scripts without spaces between words give one term a character. Both sides use the
/// same cuts, so that a text that contains the searched text also has terms that match.
final class Terms {
  /// How a searched term must meet an indexed one.
  enum Match {
    EXACT,
    /// The searched text ends inside a word: indexed terms that begin with it.
    PREFIX,
    /// It begins inside a word: indexed terms that end with it.
    SUFFIX,
    INFIX
  }

  record Wanted(String term, Match match) {}

  private Terms() {}

  /// The different terms of a message; more than [SearchLimits#TERMS_PER_EMAIL_MAX] are cut.
  static Set<String> of(String folded) {
    Set<String> terms = new HashSet<>();
    int start = -1;
    int length = folded.length();
    for (int i = 0; i <= length && terms.size() < SearchLimits.TERMS_PER_EMAIL_MAX; ) {
      int c = i < length ? folded.codePointAt(i) : ' ';
      boolean single = isUnspaced(c);
      if (single || !Character.isLetterOrDigit(c)) {
        if (start >= 0) addWord(terms, folded, start, i);
        start = -1;
        if (single) terms.add(Character.toString(c));
      } else if (start < 0) {
        start = i;
      }
      i += Character.charCount(c);
    }
    return terms;
  }

  /// What a message must have if it contains this folded text; empty when every message may.
  static List<Wanted> wanted(String folded) {
    List<Wanted> wanted = new ArrayList<>();
    int start = -1;
    int length = folded.length();
    for (int i = 0; i <= length; ) {
      int c = i < length ? folded.codePointAt(i) : ' ';
      boolean single = isUnspaced(c);
      if (single || !Character.isLetterOrDigit(c)) {
        if (start >= 0) wanted.add(word(folded, start, i));
        start = -1;
        if (single) wanted.add(new Wanted(Character.toString(c), Match.EXACT));
      } else if (start < 0) {
        start = i;
      }
      i += Character.charCount(c);
    }
    return wanted;
  }

  /// Whether this folded text lies within one term: then a message that is indexed whole contains
  /// the text exactly if one of its terms does.
  static boolean isOneTerm(String folded) {
    List<Wanted> wanted = wanted(folded);
    return wanted.size() == 1 && wanted.getFirst().term().equals(folded);
  }

  private static Wanted word(String folded, int start, int end) {
    boolean openLeft = start == 0;
    boolean openRight = end == folded.length();
    if (end - start > SearchLimits.TERM_STEP_CHARS) {
      int cut = start + SearchLimits.TERM_STEP_CHARS;
      if (Character.isHighSurrogate(folded.charAt(cut - 1))) cut--;
      return new Wanted(folded.substring(start, cut), Match.INFIX);
    }
    Match match =
        openLeft
            ? (openRight ? Match.INFIX : Match.SUFFIX)
            : openRight ? Match.PREFIX : Match.EXACT;
    return new Wanted(folded.substring(start, end), match);
  }

  private static void addWord(Set<String> terms, String folded, int start, int end) {
    if (end - start <= SearchLimits.TERM_CHARS_MAX) {
      terms.add(folded.substring(start, end));
      return;
    }
    for (int at = start; at < end; at += SearchLimits.TERM_STEP_CHARS) {
      int to = Math.min(end, at + SearchLimits.TERM_CHARS_MAX);
      terms.add(folded.substring(at, to));
      if (to == end) return;
    }
  }

  /// Scripts that do not put spaces between words.
  private static boolean isUnspaced(int c) {
    if (c < 0x0E00) return false;
    return switch (Character.UnicodeScript.of(c)) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> Character.isLetterOrDigit(c);
      default -> false;
    };
  }
}
