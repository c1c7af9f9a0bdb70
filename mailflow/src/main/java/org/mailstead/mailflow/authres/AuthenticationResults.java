package org.mailstead.mailflow.authres;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The value of an Authentication-Results field: who says it, and what was found.
///
/// @param server the authserv-id: whose words these are
/// @spec https://www.rfc-editor.org/rfc/rfc8601#section-2.2 RFC 8601 §2.2
public record AuthenticationResults(String server, List<Result> results) {
  /// The longest value that is read.
  public static final int VALUE_CHARS_MAX = 16 << 10;

  private static final int RESULTS_MAX = 100;
  private static final int LINE_CHARS = 76;

  public AuthenticationResults {
    results = List.copyOf(results);
  }

  /// What one method found.
  ///
  /// @param properties as `header.d`, in order
  public record Result(String method, String word, String reason, Map<String, String> properties) {
    public Result {
      properties = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /// Lower-case name of who speaks in a field; empty if that cannot be read. Reading only this much
  /// is enough to find forged ones, however broken the rest of them is.
  public static Optional<String> server(String value) {
    var tokens = new Tokens(value);
    return tokens.next().map(word -> word.toLowerCase(Locale.ROOT));
  }

  /// Empty if it is not such a value.
  public static Optional<AuthenticationResults> parse(String value) {
    if (value.length() > VALUE_CHARS_MAX) return Optional.empty();
    var tokens = new Tokens(value);
    Optional<String> server = tokens.next();
    if (server.isEmpty()) return Optional.empty();
    List<Result> results = new ArrayList<>();
    List<String> words = new ArrayList<>();
    boolean first = true;
    for (Optional<String> token = tokens.next(); ; token = tokens.next()) {
      if (token.isPresent() && !token.get().equals(";")) {
        words.add(token.get());
        continue;
      }
      // What stands before the first semicolon is the version.
      if (!first) result(words).ifPresent(results::add);
      first = false;
      words.clear();
      if (token.isEmpty() || results.size() >= RESULTS_MAX) break;
    }
    return Optional.of(new AuthenticationResults(server.get().toLowerCase(Locale.ROOT), results));
  }

  /// `method = word`, then `name = value` as often as wanted.
  private static Optional<Result> result(List<String> words) {
    if (words.size() < 3 || !words.get(1).equals("=")) return Optional.empty();
    String method = words.getFirst().toLowerCase(Locale.ROOT);
    int slash = method.indexOf('/');
    if (slash > 0) method = method.substring(0, slash);
    String reason = "";
    Map<String, String> properties = new LinkedHashMap<>();
    for (int i = 3; i + 2 < words.size(); i += 3) {
      if (!words.get(i + 1).equals("=")) return Optional.empty();
      String name = words.get(i).toLowerCase(Locale.ROOT);
      if (name.equals("reason")) reason = words.get(i + 2);
      else properties.putIfAbsent(name, words.get(i + 2));
    }
    return Optional.of(
        new Result(method, words.get(2).toLowerCase(Locale.ROOT), reason, properties));
  }

  /// The value, folded, without the field's name. Whatever came from a peer is made harmless.
  public String text() {
    var out = new StringBuilder(word(server));
    if (results.isEmpty()) out.append("; none");
    for (Result result : results) {
      out.append(";\r\n\t");
      int lineStart = out.length();
      out.append(result.method()).append('=').append(result.word());
      if (!result.reason().isEmpty()) {
        out.append(" reason=\"").append(quoted(result.reason())).append('"');
      }
      for (var property : result.properties().entrySet()) {
        String part = property.getKey() + "=" + word(property.getValue());
        if (out.length() - lineStart + part.length() > LINE_CHARS) {
          out.append("\r\n\t");
          lineStart = out.length();
        } else {
          out.append(' ');
        }
        out.append(part);
      }
    }
    return out.toString();
  }

  /// As a header field.
  public String field() {
    return "Authentication-Results: " + text() + "\r\n";
  }

  private static String word(String text) {
    String cut = text.length() > 300 ? text.substring(0, 300) : text;
    if (!cut.isEmpty() && cut.chars().allMatch(AuthenticationResults::isPlain)) return cut;
    return "\"" + quoted(cut) + "\"";
  }

  private static boolean isPlain(int c) {
    return c < 128 && (Character.isLetterOrDigit(c) || "@.-_+/".indexOf(c) >= 0);
  }

  private static String quoted(String text) {
    return text.replaceAll("[^\\x20-\\x7E]", "?").replaceAll("[\"\\\\]", "?");
  }

  /// Words, quoted strings, `;` and `=`; comments and white space passed over.
  private static final class Tokens {
    private final String text;
    private int at;

    Tokens(String text) {
      this.text = text;
    }

    Optional<String> next() {
      skip();
      if (at >= text.length()) return Optional.empty();
      char c = text.charAt(at);
      if (c == ';' || c == '=') {
        at++;
        return Optional.of(String.valueOf(c));
      }
      if (c == '"') return Optional.of(quotedString());
      int start = at;
      while (at < text.length() && " \t\r\n;=\"(".indexOf(text.charAt(at)) < 0) at++;
      return Optional.of(text.substring(start, at));
    }

    private String quotedString() {
      var out = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) at++;
        out.append(text.charAt(at));
      }
      at = Math.min(at + 1, text.length());
      return out.toString();
    }

    private void skip() {
      int depth = 0;
      for (; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '(') depth++;
        else if (c == ')' && depth > 0) depth--;
        else if (c == '\\' && depth > 0) at++;
        else if (depth == 0 && " \t\r\n".indexOf(c) < 0) return;
      }
    }
  }
}
