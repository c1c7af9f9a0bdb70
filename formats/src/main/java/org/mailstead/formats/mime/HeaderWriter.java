package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Writes header fields: folded at 78 columns where there is white space, and never a line beyond
/// 998 octets (RFC 5322 §2.1.1). Line breaks and other controls in values become spaces, so that no
/// value makes a field of its own.
final class HeaderWriter {
  private static final int LINE_COLUMNS = 78;

  /// A word that does not fit a line of its own is cut, so that no line is beyond 998 octets.
  private static final int WORD_OCTETS_MAX = 900;

  /// RFC 2047 §2 allows 75; shorter ones leave room for the field name on a line of 76.
  private static final int ENCODED_WORD_MAX = 60;

  private static final String ENCODED_START = "=?utf-8?B?";

  private final OctetBuilder out;
  private int column;

  HeaderWriter(OctetBuilder out) {
    this.out = out;
  }

  /// A field of words between which it may be folded.
  void field(String name, List<String> words) {
    out.add(name);
    out.add(':');
    column = name.length() + 1;
    boolean first = true;
    for (String word : words) {
      for (String piece : pieces(word)) {
        byte[] octets = piece.getBytes(StandardCharsets.UTF_8);
        if (!first && column + 1 + octets.length > LINE_COLUMNS) {
          out.add("\r\n");
          column = 0;
        } else if (first && column + 1 + octets.length > 998) {
          out.add("\r\n");
          column = 0;
        }
        out.add(' ');
        out.add(octets);
        column += 1 + octets.length;
        first = false;
      }
    }
    out.add("\r\n");
  }

  /// Words of text as they are, if they are printable ASCII; for values whose syntax is the
  /// caller's.
  static List<String> words(String value) {
    var words = new ArrayList<String>();
    for (String word : clean(value).split(" ")) if (!word.isEmpty()) words.add(word);
    return words;
  }

  /// Words of unstructured text (RFC 5322 §2.2.1), encoded where they must be (RFC 2047 §5).
  static List<String> text(String value) {
    List<String> plain = words(value);
    int first = -1;
    int last = -1;
    for (int i = 0; i < plain.size(); i++) {
      if (!needsEncoding(plain.get(i))) continue;
      if (first < 0) first = i;
      last = i;
    }
    if (first < 0) return plain;
    var words = new ArrayList<>(plain.subList(0, first));
    words.addAll(encoded(String.join(" ", plain.subList(first, last + 1))));
    words.addAll(plain.subList(last + 1, plain.size()));
    return words;
  }

  /// A display name and an address; the address alone without a name.
  static List<String> mailbox(String name, String address) {
    String cleanName = clean(name).strip();
    String spec = clean(address).replace(" ", "");
    if (cleanName.isEmpty()) return List.of(spec);
    var words = new ArrayList<String>();
    if (!isAscii(cleanName) || cleanName.contains("=?")) {
      words.addAll(encoded(cleanName));
    } else if (isPhrase(cleanName) && cleanName.length() <= LINE_COLUMNS) {
      words.addAll(words(cleanName));
    } else if (cleanName.length() <= WORD_OCTETS_MAX / 2) {
      words.add(quoted(cleanName));
    } else {
      words.addAll(encoded(cleanName));
    }
    words.add("<" + spec + ">");
    return words;
  }

  /// A parameter; RFC 2231 pieces if the value is not ASCII or too long for a line.
  static List<String> parameter(String name, String value) {
    String text = clean(value);
    if (isAscii(text) && text.length() <= 60) {
      boolean token = !text.isEmpty() && text.chars().allMatch(c -> isToken((char) c));
      return List.of(name + "=" + (token ? text : quoted(text)));
    }
    var pieces = new ArrayList<String>();
    var piece = new StringBuilder("utf-8''");
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    for (byte octet : octets) {
      if (piece.length() > 54) {
        pieces.add(piece.toString());
        piece.setLength(0);
      }
      char c = (char) (octet & 0xff);
      if (c < 128 && isToken(c) && "*'%".indexOf(c) < 0) piece.append(c);
      else piece.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
    }
    pieces.add(piece.toString());
    if (pieces.size() == 1) return List.of(name + "*=" + pieces.getFirst());
    var words = new ArrayList<String>();
    for (int i = 0; i < pieces.size(); i++) {
      String end = i + 1 < pieces.size() ? ";" : "";
      words.add(name + "*" + i + "*=" + pieces.get(i) + end);
    }
    return words;
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /// Encoded words, cut between characters (RFC 2047 §5).
  private static List<String> encoded(String text) {
    var words = new ArrayList<String>();
    int octetsMax = (ENCODED_WORD_MAX - ENCODED_START.length() - 2) / 4 * 3;
    var chunk = new StringBuilder();
    int octets = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
      int more = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (octets + more > octetsMax) {
        words.add(encodedWord(chunk));
        chunk.setLength(0);
        octets = 0;
      }
      chunk.appendCodePoint(point);
      octets += more;
    }
    if (!chunk.isEmpty()) words.add(encodedWord(chunk));
    return words;
  }

  private static String encodedWord(CharSequence text) {
    byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
    return ENCODED_START + Base64.getEncoder().encodeToString(octets) + "?=";
  }

  private static boolean needsEncoding(String word) {
    return !isAscii(word) || word.contains("=?") || word.length() > LINE_COLUMNS - 2;
  }

  private static List<String> pieces(String word) {
    if (word.length() <= WORD_OCTETS_MAX / 3) return List.of(word);
    var pieces = new ArrayList<String>();
    for (int at = 0; at < word.length(); ) {
      int end = Math.min(word.length(), at + WORD_OCTETS_MAX / 3);
      if (end < word.length() && Character.isHighSurrogate(word.charAt(end - 1))) end--;
      pieces.add(word.substring(at, end));
      at = end;
    }
    return pieces;
  }

  private static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isControl(text.charAt(i))) {
        var out = new StringBuilder(text);
        for (int k = i; k < out.length(); k++) if (isControl(out.charAt(k))) out.setCharAt(k, ' ');
        return out.toString();
      }
    }
    return text;
  }

  private static boolean isControl(char c) {
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029';
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private static boolean isPhrase(String text) {
    return text.chars()
        .allMatch(
            c -> c == ' ' || Character.isLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0);
  }

  private static boolean isToken(char c) {
    return c < 127 && StructuredValue.isTokenOctet(c);
  }

  private static final String HEX = "0123456789ABCDEF";
}
