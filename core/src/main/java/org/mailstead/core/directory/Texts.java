package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.INVALID_PARAMETER;

import java.util.Locale;
import java.util.regex.Pattern;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;

/// The forms of names, addresses and domains that the WorkMail API allows.
final class Texts {
  static final String JOURNALING = "amazonjournaling";

  private static final Pattern USER_NAME =
      Pattern.compile("[\\w\\-.]+(@[a-zA-Z0-9.\\-]+\\.[a-zA-Z0-9-]{2,})?");
  private static final Pattern GROUP_NAME = Pattern.compile("[\\u0020-\\u00FF]+");
  private static final Pattern ADDRESS =
      Pattern.compile("[a-zA-Z0-9._%+-]{1,64}@[a-zA-Z0-9.-]+\\.[a-zA-Z-]{2,}");
  private static final Pattern ALIAS = Pattern.compile("(?!d-)([\\da-zA-Z]+)(-[\\da-zA-Z]+)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private Texts() {}

  static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(INVALID_PARAMETER, text);
  }

  static String userName(String name) {
    if (name.length() > 64 || !USER_NAME.matcher(name).matches()) {
      throw invalid("The user name is not valid.");
    }
    return unreserved(name);
  }

  /// WorkMail API, `ResourceName`.
  static String resourceName(String name) {
    if (name.length() > 20 || !USER_NAME.matcher(name).matches()) {
      throw invalid("The resource name is not valid.");
    }
    return unreserved(name);
  }

  /// WorkMail API, `NewResourceDescription`; it ends up in address lists.
  static String resourceDescription(String text) {
    if (text.length() > 64 || text.codePoints().anyMatch(Character::isISOControl)) {
      throw invalid("The description is not valid.");
    }
    return text;
  }

  static String groupName(String name) {
    if (name.length() > 256 || !GROUP_NAME.matcher(name).matches() || name.isBlank()) {
      throw invalid("The group name is not valid.");
    }
    return unreserved(name);
  }

  /// Names that the system uses itself: the journaling sender (JRN-1) and the identifiers that RFC
  /// 4314 §2 keeps in access control lists.
  private static String unreserved(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case JOURNALING, "anyone", "anonymous" ->
          throw new DirectoryRefusedException(
              DirectoryRefusal.RESERVED_NAME, "This name is reserved.");
      default -> name;
    };
  }

  static EmailAddress address(String text) {
    if (text.length() > 254 || !ADDRESS.matcher(text).matches()) {
      throw invalid("The email address is not valid.");
    }
    try {
      return EmailAddress.parse(text);
    } catch (MalformedException e) {
      throw invalid("The email address is not valid.");
    }
  }

  /// No mailbox may have this address (JRN-1).
  static boolean isReserved(EmailAddress address) {
    return address.local().equalsIgnoreCase(JOURNALING);
  }

  static String alias(String alias) {
    if (alias.isEmpty() || alias.length() > 62 || !ALIAS.matcher(alias).matches()) {
      throw invalid("The alias is not valid.");
    }
    return alias;
  }

  /// In lower case.
  static String domain(String domain) {
    String lower = domain.toLowerCase(Locale.ROOT);
    String[] labels = lower.split("\\.", -1);
    boolean wellFormed = lower.length() >= 3 && lower.length() <= 209 && labels.length >= 2;
    for (String label : labels) wellFormed &= LABEL.matcher(label).matches();
    if (!wellFormed) throw invalid("The domain name is not valid.");
    return lower;
  }

  static String detail(String text) {
    if (text.length() > DirectoryLimits.DETAIL_CHARS_MAX) {
      throw invalid(
          "A user attribute is longer than " + DirectoryLimits.DETAIL_CHARS_MAX + " characters.");
    }
    return text;
  }
}
