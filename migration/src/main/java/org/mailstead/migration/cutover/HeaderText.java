package org.mailstead.migration.cutover;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Addresses in the beginning of a message, for hints: read loosely, never decided by.
final class HeaderText {
  private static final Pattern ADDRESS =
      Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}");
  private static final Pattern FINAL_RECIPIENT =
      Pattern.compile("(?im)^Final-Recipient:\\s*[a-z0-9-]{1,20}\\s*;\\s*(\\S{1,320})");
  private static final Pattern FAILED = Pattern.compile("(?im)^Action:\\s*failed");

  private HeaderText() {}

  /// Addresses of one field, in lower case.
  static Set<String> addresses(String message, String field) {
    Set<String> found = new LinkedHashSet<>();
    int end = message.indexOf("\r\n\r\n");
    String head = (end < 0 ? message : message.substring(0, end)).replaceAll("\r\n[ \t]+", " ");
    for (String line : head.split("\r\n", -1)) {
      if (!line.regionMatches(true, 0, field + ":", 0, field.length() + 1)) continue;
      Matcher each = ADDRESS.matcher(line.substring(field.length() + 1));
      while (each.find()) found.add(each.group().toLowerCase(Locale.ROOT));
    }
    return found;
  }

  /// RFC 3464 §2.3: recipients whom a report says to be failed.
  static Set<String> failedRecipients(String report) {
    Set<String> found = new LinkedHashSet<>();
    if (!FAILED.matcher(report).find()) return found;
    Matcher each = FINAL_RECIPIENT.matcher(report);
    while (each.find()) found.add(each.group(1).toLowerCase(Locale.ROOT));
    return found;
  }

  static String domain(String address) {
    return address.substring(address.lastIndexOf('@') + 1);
  }
}
