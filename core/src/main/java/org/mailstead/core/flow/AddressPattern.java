package org.mailstead.core.flow;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;

/// Which addresses a rule is for (WorkMail guide, Sender and Recipient Patterns): one address; a
/// domain; a domain with its subdomains, `*example.com` or `*.example.com`; or `*`, everything.
///
/// @param kind how specific it is
/// @param text normalized: lower case, a wildcard as `*.example.com`
public record AddressPattern(Kind kind, String text) {
  /// From the least to the most specific.
  public enum Kind {
    ANY,
    WILDCARD_DOMAIN,
    DOMAIN,
    ADDRESS
  }

  private static final AddressPattern EVERYTHING = new AddressPattern(Kind.ANY, "*");
  private static final Pattern LOCAL = Pattern.compile("[a-z0-9._%-]{1,64}");
  private static final Pattern DOMAIN =
      Pattern.compile("(?=.{1,255}$)[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})+");

  /// @throws DirectoryRefusedException INVALID_PARAMETER, with what is wrong
  public static AddressPattern parse(String written) {
    String text = written.toLowerCase(Locale.ROOT);
    if (text.equals("*")) return EVERYTHING;
    if (text.startsWith("*")) {
      String domain = text.substring(text.startsWith("*.") ? 2 : 1);
      if (!isDomain(domain)) throw invalid(written, "a wildcard stands in front of a domain only");
      return new AddressPattern(Kind.WILDCARD_DOMAIN, "*." + domain);
    }
    int at = text.indexOf('@');
    if (at < 0) {
      if (!isDomain(text)) throw invalid(written, "it is neither an address nor a domain");
      return new AddressPattern(Kind.DOMAIN, text);
    }
    if (text.indexOf('+') >= 0) throw invalid(written, "+ is not allowed");
    if (!LOCAL.matcher(text.substring(0, at)).matches() || !isDomain(text.substring(at + 1))) {
      throw invalid(written, "it is not an address");
    }
    return new AddressPattern(Kind.ADDRESS, text);
  }

  /// What is for everything.
  public static AddressPattern any() {
    return EVERYTHING;
  }

  public boolean matches(EmailAddress address) {
    return switch (kind) {
      case ANY -> true;
      case WILDCARD_DOMAIN -> {
        String domain = ascii(address.domain());
        // With the dot: *example.com is never notexample.com.
        yield domain.endsWith(text.substring(1)) || domain.equals(text.substring(2));
      }
      case DOMAIN -> ascii(address.domain()).equals(text);
      case ADDRESS ->
          (address.local().toLowerCase(Locale.ROOT) + "@" + ascii(address.domain())).equals(text);
    };
  }

  /// Greater is more specific. Of two wildcards the one with more labels is: all that it matches,
  /// the other one matches too.
  int specificity() {
    int labels = (int) text.chars().filter(c -> c == '.').count();
    return kind.ordinal() * 1_000 + (kind == Kind.WILDCARD_DOMAIN ? labels : 0);
  }

  private static boolean isDomain(String text) {
    return DOMAIN.matcher(text).matches();
  }

  /// Patterns are ASCII; an internationalized domain stands in them as its A-labels (RFC 5890).
  private static String ascii(String domain) {
    if (domain.chars().allMatch(c -> c < 0x80)) return domain;
    try {
      return IDN.toASCII(domain).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException _) {
      return domain;
    }
  }

  private static DirectoryRefusedException invalid(String written, String why) {
    return new DirectoryRefusedException(
        DirectoryRefusal.INVALID_PARAMETER,
        "The pattern " + written + " is not valid: " + why + ".");
  }

  @Override
  public String toString() {
    return text;
  }
}
