package org.mailstead.mailflow;

import org.mailstead.base.EmailAddress;

/// Addresses as header fields show them (RFC 5322 §3.4.1, RFC 6532 §3.2).
final class AddressText {
  private static final String ATEXT = "!#$%&'*+-/=?^_`{|}~.";

  private AddressText() {}

  /// The address, its local part quoted where it needs that.
  static String of(EmailAddress address) {
    String local = address.local();
    return (isPlain(local) || isQuoted(local) ? local : quote(local)) + "@" + address.domain();
  }

  /// In angle brackets; `<>` for none.
  static String inBrackets(java.util.Optional<EmailAddress> address) {
    return "<" + address.map(AddressText::of).orElse("") + ">";
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  private static boolean isPlain(String local) {
    if (local.startsWith(".") || local.endsWith(".") || local.contains("..")) return false;
    return local
        .chars()
        .allMatch(c ->
            c >= 0x80
                || (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || ATEXT.indexOf(c) >= 0);
  }

  private static boolean isQuoted(String local) {
    return local.length() >= 2 && local.startsWith("\"") && local.endsWith("\"");
  }

  private static String quote(String local) {
    return '"' + local.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
