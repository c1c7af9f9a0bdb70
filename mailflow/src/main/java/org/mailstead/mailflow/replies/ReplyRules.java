package org.mailstead.mailflow.replies;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mailstead.base.EmailAddress;
import org.mailstead.formats.sieve.SieveMessage;

/// Whether a message may be answered automatically at all: never what a list, a program or another
/// automatic reply sent, nor what does not name the user.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3834#section-2 RFC 3834 §2
/// @spec https://www.rfc-editor.org/rfc/rfc5230#section-4.6 RFC 5230 §4.6
public final class ReplyRules {
  private static final List<String> LIST_FIELDS =
      List.of(
          "List-Id",
          "List-Help",
          "List-Subscribe",
          "List-Unsubscribe",
          "List-Post",
          "List-Owner",
          "List-Archive");

  private static final Set<String> PROGRAMS =
      Set.of(
          "mailer-daemon",
          "listserv",
          "majordomo",
          "postmaster",
          "noreply",
          "no-reply",
          "no_reply",
          "donotreply",
          "do-not-reply",
          "do_not_reply",
          "bounce",
          "bounces");

  private static final List<String> NAMING =
      List.of("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc");

  private ReplyRules() {}

  /// The reason why there is no answer; empty if there may be one.
  ///
  /// @param own whether an address is the user's
  public static Optional<String> refusal(
      SieveMessage message,
      Optional<EmailAddress> reversePath,
      Predicate<SieveMessage.Address> own) {
    if (reversePath.isEmpty()) return Optional.of("the reverse path is null");
    EmailAddress sender = reversePath.get();
    if (own.test(new SieveMessage.Address(sender.local(), sender.domain()))) {
      return Optional.of("the user sent it");
    }
    String local = sender.local().toLowerCase(Locale.ROOT);
    if (PROGRAMS.contains(local)
        || local.startsWith("owner-")
        || local.endsWith("-owner")
        || local.endsWith("-request")
        || local.endsWith("-bounces")
        || local.startsWith("bounce-")
        || local.startsWith("noreply")
        || local.startsWith("no-reply")
        || local.startsWith("srs0=")
        || local.startsWith("srs1=")) {
      return Optional.of("the sender looks like a program");
    }
    for (String field : LIST_FIELDS) {
      if (!message.header(field).isEmpty()) return Optional.of("it came through a list");
    }
    if (message.header("Auto-Submitted").stream()
        .anyMatch(value -> !value.toLowerCase(Locale.ROOT).startsWith("no"))) {
      return Optional.of("it was sent automatically");
    }
    if (has(message, "Precedence", Set.of("bulk", "list", "junk"))) {
      return Optional.of("it is bulk mail");
    }
    if (!message.header("X-Loop").isEmpty() || !message.header("X-MS-Journal-Report").isEmpty()) {
      return Optional.of("it was sent automatically");
    }
    // Exchange's field for this.
    Set<String> suppressing = Set.of("all", "oof", "autoreply");
    if (message.header("X-Auto-Response-Suppress").stream()
        .flatMap(value -> List.of(value.toLowerCase(Locale.ROOT).split("[,;\\s]+")).stream())
        .anyMatch(suppressing::contains)) {
      return Optional.of("the sender wants no automatic reply");
    }
    Function<String, Boolean> names =
        field -> message.addresses(field).stream().flatMap(List::stream).anyMatch(own);
    if (NAMING.stream().noneMatch(names::apply)) {
      return Optional.of("it does not name the user");
    }
    return Optional.empty();
  }

  private static boolean has(SieveMessage message, String field, Set<String> words) {
    return message.header(field).stream()
        .anyMatch(value -> words.contains(value.toLowerCase(Locale.ROOT)));
  }
}
