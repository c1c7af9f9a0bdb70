package org.mailstead.formats.mime;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.mailstead.formats.mime.MimePart.Parameter;

/// A field value with parameters (RFC 2045 §5.1, RFC 2183), read as leniently as stored mail needs.
///
/// @param value what stands before the first parameter, lower-case, without comments; empty if
///   there is nothing
/// @param parameters names in lower case; RFC 2231 continuations joined under `name`, or under
///   `name*` if a piece was percent-encoded
record StructuredValue(String value, List<Parameter> parameters) {

  static StructuredValue parse(String text) {
    return new Reader(text).read();
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    StructuredValue read() {
      skipSpace();
      int start = at;
      while (at < text.length() && isValueOctet(text.charAt(at))) at++;
      String value = lower(text.substring(start, at));
      skipSpace();
      // "text / plain": white space around the slash is allowed (RFC 2045 §5.1 by RFC 822 tokens).
      if (at < text.length() && (text.charAt(at) == '/' || value.endsWith("/"))) {
        if (text.charAt(at) == '/') {
          at++;
          skipSpace();
        }
        start = at;
        while (at < text.length() && isTokenOctet(text.charAt(at))) at++;
        if (!value.endsWith("/")) value += "/";
        value += lower(text.substring(start, at));
      }
      return new StructuredValue(value, parameters());
    }

    private List<Parameter> parameters() {
      if (at >= text.length()) return List.of();
      var found = new ArrayList<Parameter>(4);
      boolean starred = false;
      while (found.size() < MimeLimits.PARAMETERS_MAX && toNextParameter()) {
        int start = at;
        while (at < text.length() && isNameOctet(text.charAt(at))) at++;
        String name = lower(text.substring(start, at));
        skipSpace();
        if (at >= text.length() || text.charAt(at) != '=' || name.isEmpty()) continue;
        at++;
        skipSpace();
        found.add(new Parameter(name, value(name)));
        starred |= name.indexOf('*') >= 0;
      }
      return List.copyOf(starred ? joinContinuations(found) : found);
    }

    /// Behind the next semicolon outside of strings and comments.
    private boolean toNextParameter() {
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == ';') {
          at++;
          skipSpace();
          if (at < text.length() && text.charAt(at) != ';') return true;
        } else if (c == '"') {
          quoted();
        } else if (c == '(') {
          skipComment();
        } else {
          at++;
        }
      }
      return false;
    }

    private String value(String name) {
      if (at < text.length() && text.charAt(at) == '"') return quoted();
      int start = at;
      // File names are often written with spaces and without quotes.
      boolean spaces = name.startsWith("filename") || name.startsWith("name");
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == ';' || (!spaces && (c == ' ' || c == '\t' || c == '('))) break;
        at++;
      }
      int end = at;
      while (end > start && isSpace(text.charAt(end - 1))) end--;
      return text.substring(start, end);
    }

    private String quoted() {
      int start = ++at;
      while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') at++;
      if (at >= text.length()) return text.substring(start);
      if (text.charAt(at) == '"') return text.substring(start, at++);
      var out = new StringBuilder(text.length() - start);
      out.append(text, start, at);
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) at++;
        out.append(text.charAt(at++));
      }
      at = Math.min(at + 1, text.length());
      return out.toString();
    }

    private void skipSpace() {
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '(') skipComment();
        else if (isSpace(c)) at++;
        else break;
      }
    }

    private void skipComment() {
      at = commentEnd(text, at);
    }
  }

  /// RFC 2231 §3 and §4: pieces `name*0`, `name*1*` … in the order of their numbers, up to the
  /// first gap.
  private static List<Parameter> joinContinuations(List<Parameter> parameters) {
    var joined = new ArrayList<Parameter>(parameters.size());
    var pieces = new TreeMap<String, TreeMap<Integer, Parameter>>();
    for (Parameter parameter : parameters) {
      String name = parameter.name();
      int star = name.indexOf('*');
      int number = star < 0 ? -1 : pieceNumber(name, star + 1);
      if (number < 0) {
        joined.add(parameter);
        continue;
      }
      String base = name.substring(0, star);
      var ofName = pieces.get(base);
      if (ofName == null) {
        ofName = new TreeMap<>();
        pieces.put(base, ofName);
        // It takes the place of its first piece; the value comes when all are there.
        joined.add(new Parameter(base + "*0", ""));
      }
      ofName.putIfAbsent(number, parameter);
    }
    joined.replaceAll(parameter -> {
      int star = parameter.name().indexOf("*0");
      if (star < 0) return parameter;
      String base = parameter.name().substring(0, star);
      var ofName = pieces.get(base);
      return ofName == null ? parameter : join(base, ofName);
    });
    return joined;
  }

  private static Parameter join(String base, TreeMap<Integer, Parameter> pieces) {
    boolean encoded = false;
    int next = pieces.firstKey();
    for (var piece : pieces.entrySet()) {
      if (piece.getKey() != next++) break;
      encoded |= piece.getValue().name().endsWith("*");
    }
    var value = new StringBuilder();
    next = pieces.firstKey();
    for (var piece : pieces.entrySet()) {
      if (piece.getKey() != next++) break;
      String part = piece.getValue().value();
      boolean partEncoded = piece.getValue().name().endsWith("*");
      if (encoded && value.isEmpty() && !partEncoded) value.append("''");
      value.append(encoded && !partEncoded ? part.replace("%", "%25") : part);
    }
    return new Parameter(encoded ? base + "*" : base, value.toString());
  }

  /// The number in `0` or `0*`; -1 if it is none.
  private static int pieceNumber(String name, int start) {
    int end = name.endsWith("*") ? name.length() - 1 : name.length();
    if (start >= end || end - start > 4) return -1;
    int number = 0;
    for (int i = start; i < end; i++) {
      char c = name.charAt(i);
      if (c < '0' || c > '9') return -1;
      number = number * 10 + (c - '0');
    }
    return number;
  }

  static String withoutComments(String text) {
    if (text.indexOf('(') < 0) return text;
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      if (text.charAt(i) == '(') {
        i = commentEnd(text, i);
        out.append(' ');
      } else {
        out.append(text.charAt(i++));
      }
    }
    return out.toString();
  }

  /// The index behind the comment that begins at `open`; comments nest (RFC 5322 §3.2.2).
  static int commentEnd(String text, int open) {
    int depth = 0;
    int i = open;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c == '\\') i = Math.min(i + 1, text.length());
      else if (c == '(') depth++;
      else if (c == ')' && --depth == 0) break;
    }
    return i;
  }

  /// Lower case of ASCII letters only: cheap, and other octets are no letters here.
  static String lower(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        char[] out = text.toCharArray();
        for (int k = i; k < out.length; k++) {
          if (out[k] >= 'A' && out[k] <= 'Z') out[k] = (char) (out[k] + 32);
        }
        return new String(out);
      }
    }
    return text;
  }

  /// RFC 2045 §5.1, and octets over 127.
  static boolean isTokenOctet(char c) {
    return c > ' ' && c != 127 && "()<>@,;:\\\"/[]?=".indexOf(c) < 0;
  }

  private static boolean isValueOctet(char c) {
    return isTokenOctet(c) || c == '/';
  }

  private static boolean isNameOctet(char c) {
    return c > ' ' && c != '=' && c != ';' && c != '"' && c != '(';
  }

  static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }
}
