package org.mailstead.formats.mime;

import java.util.HashSet;
import java.util.Set;
import org.jsoup.nodes.Entities;

/// The text of HTML for search and preview: one pass, no tree. Tags go, ends of blocks become line
/// breaks, character references become characters, script, style, head and comments are left out.
final class HtmlText {
  private static final int REFERENCE_LENGTH_MAX = 32;

  /// References to nothing that is seen.
  private static final Set<String> INVISIBLE = Set.of("shy", "zwnj", "zwj");

  private final String html;
  private final int charactersMax;
  private final StringBuilder out;
  private int at;
  private boolean space;

  /// What has no end tag from here on; looked for once only.
  private final Set<String> neverClosed = new HashSet<>();

  private HtmlText(String html, int charactersMax) {
    this.html = html;
    this.charactersMax = charactersMax;
    this.out = new StringBuilder(Math.min(html.length() / 2, charactersMax) + 16);
  }

  /// @param charactersMax how much text is wanted
  static String of(String html, int charactersMax) {
    return new HtmlText(html, charactersMax).run();
  }

  private String run() {
    int length = html.length();
    while (at < length && out.length() < charactersMax) {
      char c = html.charAt(at);
      if (c == '<') {
        tag();
      } else if (c == '&') {
        reference();
      } else {
        character(c);
        at++;
      }
    }
    return out.toString();
  }

  private void character(char c) {
    if (c <= ' ' || c == '\u00a0') {
      space = true;
      return;
    }
    if (space && !out.isEmpty() && out.charAt(out.length() - 1) != '\n') out.append(' ');
    space = false;
    out.append(c);
  }

  private void lineBreak() {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != '\n') out.append('\n');
    space = false;
  }

  private void tag() {
    if (html.startsWith("<!--", at)) {
      int end = html.indexOf("-->", at + 4);
      at = end < 0 ? html.length() : end + 3;
      return;
    }
    int nameStart = at + 1;
    boolean close = nameStart < html.length() && html.charAt(nameStart) == '/';
    if (close) nameStart++;
    char first = nameStart < html.length() ? html.charAt(nameStart) : ' ';
    if (!isLetter(first) && first != '!' && first != '?') {
      character('<');
      at++;
      return;
    }
    int nameEnd = nameStart;
    while (nameEnd < html.length() && isNameCharacter(html.charAt(nameEnd))) nameEnd++;
    String name =
        StructuredValue.lower(html.substring(nameStart, Math.min(nameEnd, nameStart + 12)));
    at = tagEnd(nameEnd);
    switch (name) {
      case "script", "style", "head", "title", "noscript", "template" -> {
        if (!close) skipTo(name);
        lineBreak();
      }
      case "br",
          "p",
          "div",
          "tr",
          "li",
          "ul",
          "ol",
          "table",
          "blockquote",
          "pre",
          "hr",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "section",
          "article",
          "header",
          "footer",
          "dt",
          "dd",
          "option" ->
          lineBreak();
      case "td", "th" -> space = true;
      default -> {}
    }
  }

  /// Behind the `>` of a tag; quotes may hide one, but not for ever.
  private int tagEnd(int from) {
    int i = from;
    int plainEnd = html.indexOf('>', from);
    if (plainEnd < 0) return html.length();
    while (i < html.length()) {
      char c = html.charAt(i);
      if (c == '>') return i + 1;
      if (c == '"' || c == '\'') {
        boolean value = html.charAt(i - 1) == '=' || html.charAt(i - 1) == ' ';
        int end = value ? html.indexOf(c, i + 1) : -1;
        if (end < 0) return plainEnd + 1 > i ? plainEnd + 1 : html.length();
        i = end;
      }
      i++;
    }
    return plainEnd + 1;
  }

  /// Behind the end tag of what is left out; only behind its start tag if there is none.
  private void skipTo(String name) {
    if (neverClosed.contains(name)) return;
    int from = at;
    while (true) {
      int end = html.indexOf("</", from);
      if (end < 0) {
        neverClosed.add(name);
        return;
      }
      if (html.regionMatches(true, end + 2, name, 0, name.length())) {
        at = tagEnd(end + 2 + name.length());
        return;
      }
      from = end + 2;
    }
  }

  private void reference() {
    int last = Math.min(html.length(), at + REFERENCE_LENGTH_MAX);
    int end = at;
    while (end < last && html.charAt(end) != ';') end++;
    if (end == last) {
      character('&');
      at++;
      return;
    }
    String name = html.substring(at + 1, end);
    String text =
        switch (name) {
          case "nbsp", "#160", "#xa0", "ensp", "emsp", "thinsp" -> " ";
          case "amp" -> "&";
          case "lt" -> "<";
          case "gt" -> ">";
          case "quot" -> "\"";
          case "apos", "#39" -> "'";
          case "shy", "zwnj", "zwj" -> "";
          default -> name.startsWith("#") ? numeric(name) : Entities.getByName(name);
        };
    if (text.isEmpty() && !INVISIBLE.contains(name)) {
      character('&');
      at++;
      return;
    }
    for (int i = 0; i < text.length(); i++) character(text.charAt(i));
    at = end + 1;
  }

  /// The character of `#233` or `#xe9`; empty if there is none.
  private static String numeric(String name) {
    boolean hex = name.length() > 1 && (name.charAt(1) == 'x' || name.charAt(1) == 'X');
    int point = 0;
    for (int i = hex ? 2 : 1; i < name.length(); i++) {
      int digit = Character.digit(name.charAt(i), hex ? 16 : 10);
      if (digit < 0 || point > 0x10ffff) return "";
      point = point * (hex ? 16 : 10) + digit;
    }
    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return "";
    // The HTML standard reads these as windows-1252.
    if (point >= 0x80 && point < 0xa0) {
      return Charsets.decode(new byte[] {(byte) point}, "windows-1252");
    }
    return Character.toString(point);
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isNameCharacter(char c) {
    return isLetter(c) || (c >= '0' && c <= '9');
  }
}
