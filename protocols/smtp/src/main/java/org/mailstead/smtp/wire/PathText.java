package org.mailstead.smtp.wire;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.Locale;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;

/// Addresses in the form of MAIL and RCPT.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2 RFC 5321 §4.1.2
public final class PathText {
  /// RFC 5321 §4.5.3.1.3, with the angle brackets.
  public static final int PATH_BYTES_MAX = 256;

  private static final int LABEL_BYTES_MAX = 63;

  private PathText() {}

  /// `local@domain`, the local part quoted where it must be.
  public static String write(EmailAddress address) {
    String local = address.local();
    if (isDotString(local)) return local + "@" + address.domain();
    var out = new StringBuilder(local.length() + address.domain().length() + 8).append('"');
    for (int i = 0; i < local.length(); i++) {
      char c = local.charAt(i);
      if (c == '"' || c == '\\') out.append('\\');
      out.append(c);
    }
    return out.append("\"@").append(address.domain()).toString();
  }

  /// A mailbox without brackets and source route.
  ///
  /// @throws MalformedException not one
  static EmailAddress parseMailbox(String text) {
    // RFC 5321 §4.5.3.1.3. A char is at least one octet; EmailAddress counts exactly.
    if (text.length() > PATH_BYTES_MAX - 2) throw new MalformedException("path too long");
    if (text.isEmpty()) throw new MalformedException("no address");
    if (text.charAt(0) == '"') return parseQuoted(text);
    int at = text.lastIndexOf('@');
    if (at <= 0) throw new MalformedException("an address needs a local part and a domain");
    for (int i = 0; i < at; i++) {
      if (!isAtomCharacter(text.charAt(i)) && text.charAt(i) != '.') {
        throw new MalformedException("character needs quoting in the local part");
      }
    }
    return new EmailAddress(text.substring(0, at), domain(text.substring(at + 1)));
  }

  private static EmailAddress parseQuoted(String text) {
    var local = new StringBuilder();
    int i = 1;
    for (; ; i++) {
      if (i >= text.length()) throw new MalformedException("quoted local part does not end");
      char c = text.charAt(i);
      if (c == '"') break;
      if (c == '\\') {
        i++;
        if (i >= text.length()) throw new MalformedException("quoted local part does not end");
        c = text.charAt(i);
      }
      local.append(c);
    }
    if (i + 1 >= text.length() || text.charAt(i + 1) != '@') {
      throw new MalformedException("an address needs a local part and a domain");
    }
    return new EmailAddress(local.toString(), domain(text.substring(i + 2)));
  }

  private static String domain(String text) {
    if (text.startsWith("[")) return addressLiteral(text);
    int labelBytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        if (labelBytes == 0) throw new MalformedException("empty label in domain");
        labelBytes = 0;
      } else if (c >= 0x80 || c == '-' || c == '_' || Character.isLetterOrDigit(c)) {
        // Deviates: RFC 5321 §4.1.2 — deviations.md#host-underscore
        // Client: some hosts have an underscore in their names.
        if (++labelBytes > LABEL_BYTES_MAX) throw new MalformedException("label too long");
      } else {
        throw new MalformedException("character not allowed in a domain");
      }
    }
    if (labelBytes == 0) throw new MalformedException("empty label in domain");
    return text;
  }

  private static String addressLiteral(String text) {
    if (!text.endsWith("]")) throw new MalformedException("address literal does not end");
    String inner = text.substring(1, text.length() - 1);
    try {
      if (inner.toLowerCase(Locale.ROOT).startsWith("ipv6:")) {
        String address = inner.substring(5);
        if (address.indexOf('%') >= 0 || address.indexOf('[') >= 0) {
          throw new MalformedException("not an address literal");
        }
        var _ = Inet6Address.ofLiteral(address);
        return text;
      }
      if (inner.chars().filter(c -> c == '.').count() != 3) {
        throw new MalformedException("not an address literal");
      }
      var _ = Inet4Address.ofLiteral(inner);
      return text;
    } catch (IllegalArgumentException e) {
      throw new MalformedException("not an address literal");
    }
  }

  private static boolean isDotString(String local) {
    if (local.startsWith(".") || local.endsWith(".") || local.contains("..")) return false;
    for (int i = 0; i < local.length(); i++) {
      if (!isAtomCharacter(local.charAt(i)) && local.charAt(i) != '.') return false;
    }
    return true;
  }

  /// RFC 5322 §3.2.3 atext, and RFC 6531 §3.3: everything beyond ASCII.
  private static boolean isAtomCharacter(char c) {
    return c > ' ' && c != 0x7F && "()<>[]:;@\\,.\"".indexOf(c) < 0;
  }
}
