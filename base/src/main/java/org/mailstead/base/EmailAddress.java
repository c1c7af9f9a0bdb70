package org.mailstead.base;

import java.util.Locale;

/// A mailbox address, `local@domain`, as RFC 5321 §4.1.2 and RFC 6531 §3.3 allow it. The domain is
/// kept in lower case; the local part as written, but two addresses are equal when they differ in
/// case only, as every large service has it.
public record EmailAddress(String local, String domain) {
  public static final int LOCAL_BYTES_MAX = 64;
  public static final int DOMAIN_BYTES_MAX = 255;

  public EmailAddress {
    domain = domain.toLowerCase(Locale.ROOT);
    if (local.isEmpty() || domain.isEmpty()) {
      throw new MalformedException("an address needs a local part and a domain");
    }
    if (local.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LOCAL_BYTES_MAX) {
      throw new MalformedException("local part longer than " + LOCAL_BYTES_MAX + " octets");
    }
    if (domain.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > DOMAIN_BYTES_MAX) {
      throw new MalformedException("domain longer than " + DOMAIN_BYTES_MAX + " octets");
    }
    for (int i = 0; i < local.length(); i++) refuseControl(local.charAt(i));
    for (int i = 0; i < domain.length(); i++) {
      refuseControl(domain.charAt(i));
      if (" ,;<>()@\"\\".indexOf(domain.charAt(i)) >= 0) {
        throw new MalformedException("invalid character in domain");
      }
    }
  }

  /// @throws MalformedException no `@`, an empty or too long part, or a control character
  public static EmailAddress parse(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) throw new MalformedException("not an address: no @ in it");
    return new EmailAddress(text.substring(0, at), text.substring(at + 1));
  }

  /// The form under which addresses are compared and claimed.
  public String normalized() {
    // Deviates: RFC 5321 §2.4 — deviations.md#local-part-case
    return local.toLowerCase(Locale.ROOT) + "@" + domain;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EmailAddress that && normalized().equals(that.normalized());
  }

  @Override
  public int hashCode() {
    return normalized().hashCode();
  }

  @Override
  public String toString() {
    return local + "@" + domain;
  }

  private static void refuseControl(char c) {
    if (c < ' ' || c == 0x7F) throw new MalformedException("control character in address");
  }
}
