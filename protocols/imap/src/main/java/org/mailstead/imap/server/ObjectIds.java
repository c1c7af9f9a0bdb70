package org.mailstead.imap.server;

import java.util.OptionalLong;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;
import org.mailstead.base.ThreadId;

/// Object identifiers as IMAP writes them: `F`, `M` or `T` and the number; for other people's
/// mailboxes the mailbox's id follows, because numbers are unique in one mailbox only.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8474 RFC 8474 §4, §5
final class ObjectIds {
  private ObjectIds() {}

  static String of(FolderId folder, Account.Place place) {
    return "F" + folder.value() + suffix(place);
  }

  static String of(EmailId email, Account.Place place) {
    return "M" + email.value() + suffix(place);
  }

  static String of(ThreadId thread, Account.Place place) {
    return "T" + thread.value() + suffix(place);
  }

  /// The number of an id that a client searches for; empty if it cannot be one of this mailbox.
  static OptionalLong parse(char kind, String id, Account.Place place) {
    String suffix = suffix(place);
    int end = id.length() - suffix.length();
    if (end < 2 || end > 20 || id.charAt(0) != kind || !id.endsWith(suffix)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(id.substring(1, end)));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static String suffix(Account.Place place) {
    if (place.isOwn()) return "";
    String id = place.mailbox().id().value();
    StringBuilder out = new StringBuilder("-");
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      out.append(allowed ? c : '_');
    }
    return out.toString();
  }
}
