package org.mailstead.mailflow.dkim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.MalformedException;

/// `name=value; name=value`, as DKIM, DMARC, ARC and the TLS policies write it. Names are as they
/// came: they are case-sensitive.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-3.2 RFC 6376 §3.2
public record TagList(Map<String, String> tags) {
  /// @throws MalformedException not a tag list, or a name twice
  public static TagList parse(String text) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String part : text.split(";", -1)) {
      String tag = strip(part);
      if (tag.isEmpty()) continue;
      int equals = tag.indexOf('=');
      String name = equals < 0 ? "" : strip(tag.substring(0, equals));
      if (name.isEmpty() || !isName(name)) {
        throw new MalformedException("a tag without a name");
      }
      if (tags.putIfAbsent(name, strip(tag.substring(equals + 1))) != null) {
        throw new MalformedException("the tag " + name + " comes twice");
      }
      if (tags.size() > DkimLimits.TAGS_MAX) throw new MalformedException("too many tags");
    }
    return new TagList(tags);
  }

  public Optional<String> find(String name) {
    return Optional.ofNullable(tags.get(name));
  }

  /// The value without any white space in it: base64 and lists may be folded anywhere.
  public Optional<String> findPacked(String name) {
    return find(name).map(value -> value.replaceAll("[ \t\r\n]+", ""));
  }

  /// @throws MalformedException it is not there or empty
  public String load(String name) {
    return findPacked(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> new MalformedException("the tag " + name + " is missing"));
  }

  private static boolean isName(String name) {
    if (!Character.isLetter(name.charAt(0))) return false;
    return name.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '_'));
  }

  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && " \t\r\n".indexOf(text.charAt(start)) >= 0) start++;
    while (end > start && " \t\r\n".indexOf(text.charAt(end - 1)) >= 0) end--;
    return text.substring(start, end);
  }
}
