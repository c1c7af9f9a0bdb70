package org.mailstead.formats.mime;

import java.text.Normalizer;

/// The folding that search uses everywhere, for what is stored and for what is asked: in the way of
/// i;unicode-casemap (RFC 5051), and accents do not count either.
///
/// Compatibility decomposition, combining diacritical marks removed (those of Latin, Greek and
/// Cyrillic letters, the blocks of Unicode that carry that name; vowel signs of other scripts are
/// letters and stay), upper case and from there lower case character by character, so that final
/// sigma, dotless i and sharp s find their kin, then composition. What is equal by the casemap
/// alone stays equal: a search never misses for the folding, it finds more.
public final class SearchText {
  private SearchText() {}

  public static String fold(String text) {
    int length = text.length();
    int i = 0;
    while (i < length) {
      char c = text.charAt(i);
      if (c >= 128 || (c >= 'A' && c <= 'Z')) break;
      i++;
    }
    if (i == length) return text;
    var out = new StringBuilder(length + 8);
    out.append(text, 0, i);
    for (; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 128) return foldUnicode(text);
      out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return out.toString();
  }

  private static String foldUnicode(String text) {
    String decomposed = Normalizer.normalize(text, Normalizer.Form.NFKD);
    var out = new StringBuilder(decomposed.length());
    for (int i = 0; i < decomposed.length(); ) {
      char c = decomposed.charAt(i);
      if (c < 128) {
        out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        i++;
        continue;
      }
      int point = decomposed.codePointAt(i);
      i += Character.charCount(point);
      if (isDiacritic(point) || point == SOFT_HYPHEN) continue;
      if (point == SHARP_S || point == CAPITAL_SHARP_S) out.append("ss");
      else out.appendCodePoint(Character.toLowerCase(Character.toUpperCase(point)));
    }
    return Normalizer.normalize(out, Normalizer.Form.NFC);
  }

  private static final int SOFT_HYPHEN = 0xad;
  private static final int SHARP_S = 0xdf;
  private static final int CAPITAL_SHARP_S = 0x1e9e;

  private static boolean isDiacritic(int point) {
    return (point >= 0x300 && point <= 0x36f)
        || (point >= 0x1ab0 && point <= 0x1aff)
        || (point >= 0x1dc0 && point <= 0x1dff)
        || (point >= 0x20d0 && point <= 0x20ff)
        || (point >= 0xfe20 && point <= 0xfe2f);
  }
}
