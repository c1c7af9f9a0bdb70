package org.mailstead.mailflow.journaling;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.MimeAddress;

/// Writes what stands around the original in a journal report, in Exchange's format: a text part of
/// one field a line (Sender, On-Behalf-Of, Subject, Message-ID, and To, Cc, Bcc or Recipient for
/// each recipient, with `Expanded:` and the group behind it), then the message as `message/rfc822`.
/// To, Cc and Bcc say where the sender named the address; Recipient, that the header of a message
/// from outside does not show it.
final class JournalReport {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int TEXT_CHARS_MAX = 900;

  private JournalReport() {}

  /// Everything before the original.
  ///
  /// @param sent whether the journaling organization sent it
  /// @param token begins the report's Message-ID
  static String before(
      JournaledMessage message,
      List<JournaledMessage.To> told,
      boolean sent,
      EmailAddress sender,
      EmailAddress journal,
      String boundary,
      String token,
      Instant now) {
    StringBuilder text = new StringBuilder(1024);
    Optional<String> subject = message.header().subject().map(JournalReport::clean);
    line(text, "Date: " + DATE.format(now));
    line(text, "From: <" + sender + ">");
    line(text, "To: <" + journal + ">");
    line(
        text,
        "Subject: "
            + subject
                .filter(s -> !s.isEmpty() && s.chars().allMatch(c -> c >= 0x20 && c < 0x7f))
                .orElse("Journal report"));
    line(text, "Message-ID: " + token + "@" + sender.domain() + ">");
    // Archives know a journal report by this field.
    line(text, "X-MS-Journal-Report:");
    // RFC 3834 §5: no automatic answers to this.
    line(text, "Auto-Submitted: auto-generated");
    line(text, "MIME-Version: 1.0");
    line(text, "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"");
    line(text, "");
    line(text, "--" + boundary);
    line(text, "Content-Type: text/plain; charset=utf-8");
    line(text, "Content-Transfer-Encoding: 8bit");
    line(text, "");
    fields(text, message, told, sent);
    line(text, "");
    line(text, "--" + boundary);
    line(text, "Content-Type: message/rfc822");
    line(text, "Content-Transfer-Encoding: 8bit");
    line(text, "Content-Disposition: attachment");
    line(text, "");
    return text.toString();
  }

  private static void fields(
      StringBuilder text, JournaledMessage message, List<JournaledMessage.To> told, boolean sent) {
    JournaledMessage.Header header = message.header();
    Optional<String> from = addresses(header.from()).stream().findFirst();
    Optional<String> actual =
        addresses(header.sender()).stream().findFirst().or(() -> message.added("Sender"));
    Optional<String> shown =
        actual.or(() -> from).or(() -> message.reversePath().map(EmailAddress::toString));
    line(text, "Sender: " + shown.map(JournalReport::clean).orElse("<>"));
    if (actual.isPresent() && from.isPresent() && !from.get().equalsIgnoreCase(actual.get())) {
      line(text, "On-Behalf-Of: " + clean(from.get()));
    }
    line(text, "Subject: " + header.subject().map(s -> clean(HeaderText.decode(s))).orElse(""));
    line(
        text,
        "Message-ID: "
            + header
                .messageId()
                .or(() -> message.added("Message-ID"))
                .map(JournalReport::clean)
                .orElse(""));
    Set<String> to = addresses(header.to());
    Set<String> cc = addresses(header.cc());
    Set<String> bcc = addresses(header.bcc());
    for (JournaledMessage.To each : told) {
      String named = each.forwardedBy().orElse(each.named()).toString().toLowerCase(Locale.ROOT);
      String field;
      if (to.contains(named)) field = "To";
      else if (cc.contains(named)) field = "Cc";
      // Whom a sender of ours names in the envelope only, he has named blindly.
      else if (sent || bcc.contains(named)) field = "Bcc";
      else field = "Recipient";
      line(
          text,
          field
              + ": "
              + each.address()
              + each.expanded().map(group -> ", Expanded: " + group).orElse("")
              + each.forwardedBy().map(owner -> ", Forwarded: " + owner).orElse(""));
    }
  }

  /// In lower case; those that can be read.
  private static Set<String> addresses(List<String> fields) {
    Set<String> found = new java.util.LinkedHashSet<>();
    for (String field : fields) {
      for (MimeAddress each : AddressParser.parse(field)) {
        if (each.local().isEmpty() || each.host().isEmpty()) continue;
        found.add((each.local().get() + "@" + each.host().get()).toLowerCase(Locale.ROOT));
      }
    }
    return found;
  }

  /// On one line, not too long.
  private static String clean(String text) {
    String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return clean.length() > TEXT_CHARS_MAX ? clean.substring(0, TEXT_CHARS_MAX) : clean;
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append("\r\n");
  }
}
