package org.mailstead.formats.sieve;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The variables of one run.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5229 RFC 5229
final class Variables {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{(?:(\\d{1,9})|([A-Za-z_][A-Za-z0-9_]*))\\}");

  private final boolean enabled;
  private final Map<String, String> values = new HashMap<>();
  private List<String> matched = List.of();

  Variables(boolean enabled) {
    this.enabled = enabled;
  }

  boolean isEnabled() {
    return enabled;
  }

  List<String> expand(List<String> texts) {
    return enabled ? texts.stream().map(this::expand).toList() : texts;
  }

  /// Unknown variables are empty; what is no reference stands for itself (RFC 5229 §3).
  String expand(String text) {
    if (!enabled || !text.contains("${")) return text;
    Matcher matcher = REFERENCE.matcher(text);
    var out = new StringBuilder();
    int from = 0;
    while (matcher.find()) {
      out.append(text, from, matcher.start()).append(value(matcher));
      from = matcher.end();
      if (out.length() > SieveLimits.STRING_CHARS_MAX) {
        throw new RunFailedException(
            "a string grows over " + SieveLimits.STRING_CHARS_MAX + " characters");
      }
    }
    return out.append(text, from, text.length()).toString();
  }

  private String value(Matcher reference) {
    if (reference.group(1) == null) {
      return values.getOrDefault(reference.group(2).toLowerCase(Locale.ROOT), "");
    }
    int number = Integer.parseInt(reference.group(1));
    return number < matched.size() ? matched.get(number) : "";
  }

  String find(String name) {
    return values.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  void set(String name, String value) {
    if (!values.containsKey(name) && values.size() == SieveLimits.VARIABLES_MAX) {
      throw new RunFailedException("more than " + SieveLimits.VARIABLES_MAX + " variables");
    }
    values.put(name, cut(value));
  }

  void assign(Step.Assign assign) {
    String value = expand(assign.value());
    for (Step.Modifier modifier : assign.modifiers()) value = modified(modifier, value);
    set(assign.name(), value);
  }

  /// What a successful `:matches` found: the whole, then each wildcard.
  void matched(List<String> parts) {
    if (!enabled) return;
    matched = parts.stream().limit(SieveLimits.MATCH_VARIABLES_MAX).map(Variables::cut).toList();
  }

  private static String modified(Step.Modifier modifier, String value) {
    // RFC 5229 §4.1.1 speaks of US-ASCII; other letters stay.
    return switch (modifier) {
      case LOWER -> Comparator.lower(value);
      case UPPER -> Comparator.upper(value);
      case LOWERFIRST ->
          value.isEmpty() ? value : Comparator.lower(value.substring(0, 1)) + value.substring(1);
      case UPPERFIRST ->
          value.isEmpty() ? value : Comparator.upper(value.substring(0, 1)) + value.substring(1);
      case QUOTEWILDCARD -> value.replaceAll("([*?\\\\])", "\\\\$1");
      case LENGTH -> Integer.toString(value.codePointCount(0, value.length()));
    };
  }

  private static String cut(String value) {
    if (value.length() <= SieveLimits.VARIABLE_CHARS_MAX) return value;
    int end = SieveLimits.VARIABLE_CHARS_MAX;
    if (Character.isHighSurrogate(value.charAt(end - 1))) end--;
    return value.substring(0, end);
  }
}
