package org.mailstead.smtp.wire;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// What a server offered in its answer to EHLO.
///
/// @param words keyword in upper case → its parameters
public record Extensions(Map<String, String> words) {
  public Extensions {
    words = Map.copyOf(words);
  }

  /// Nothing: after HELO.
  public static Extensions none() {
    return new Extensions(Map.of());
  }

  /// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1 RFC 5321 §4.1.1.1
  public static Extensions parse(SmtpReply hello) {
    Map<String, String> words = new LinkedHashMap<>();
    for (String line : hello.lines().subList(1, hello.lines().size())) {
      String stripped = line.strip();
      // Client: old servers say AUTH=LOGIN as well.
      int end = 0;
      while (end < stripped.length()
          && stripped.charAt(end) != ' '
          && stripped.charAt(end) != '=') {
        end++;
      }
      String key = stripped.substring(0, end).toUpperCase(Locale.ROOT);
      String rest = end < stripped.length() ? stripped.substring(end + 1).strip() : "";
      words.merge(key, rest, (a, b) -> a + " " + b);
    }
    return new Extensions(words);
  }

  public boolean isOffered(String keyword) {
    return words.containsKey(keyword);
  }

  /// RFC 1870 §4: empty without a limit.
  public OptionalLong sizeMax() {
    String text = words.getOrDefault("SIZE", "");
    try {
      long size = Long.parseLong(text);
      return size > 0 ? OptionalLong.of(size) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /// RFC 9422 §3: what the server bounds, `RCPTMAX` as an example; empty without a bound, or with
  /// one that is none.
  public OptionalLong limit(String name) {
    for (String word : words.getOrDefault("LIMITS", "").split(" +")) {
      String[] parts = word.split("=", 2);
      if (parts.length == 2
          && parts[0].equalsIgnoreCase(name)
          && parts[1].matches("[1-9][0-9]{0,5}")) {
        return OptionalLong.of(Long.parseLong(parts[1]));
      }
    }
    return OptionalLong.empty();
  }

  /// AUTH mechanisms, in upper case.
  public Set<String> mechanisms() {
    return Set.copyOf(
        java.util.Arrays.asList(
            words.getOrDefault("AUTH", "").strip().toUpperCase(Locale.ROOT).split(" +")));
  }
}
