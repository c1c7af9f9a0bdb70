package org.mailstead.mailflow.replies;

import java.util.List;
import java.util.Optional;
import org.mailstead.formats.sieve.SieveAction;
import org.mailstead.formats.sieve.SieveMessage;

/// An automatic reply as a message.
///
/// @param from an address of the user, as a header shows it
/// @param to whom it goes to, likewise
/// @param date as RFC 5322 has it
/// @param messageId in angle brackets
/// @spec https://www.rfc-editor.org/rfc/rfc5230#section-5 RFC 5230 §5
/// @spec https://www.rfc-editor.org/rfc/rfc3834#section-3 RFC 3834 §3
public record AutomaticReply(
    SieveAction.Vacation vacation, String from, String to, String date, String messageId) {
  private static final int REFERENCES_CHARS_MAX = 2_000;

  /// The reply to a message.
  public byte[] write(SieveMessage message) {
    var out = new WrittenMessage();
    out.line("Date: " + date);
    out.line("From: <" + from + ">");
    out.line("To: <" + to + ">");
    String subject =
        vacation
            .subject()
            .orElseGet(() ->
                "Automatic reply: "
                    + message.header("Subject").stream().findFirst().orElse("your message"));
    out.line("Subject: " + WrittenMessage.unstructured(subject));
    out.line("Message-ID: " + messageId);
    Optional<String> answered = id(message, "Message-ID");
    answered.ifPresent(id -> out.line("In-Reply-To: " + id));
    references(message, answered).ifPresent(ids -> out.line("References: " + ids));
    out.line("Auto-Submitted: auto-replied (vacation)");
    out.line("X-Auto-Response-Suppress: All");
    out.line("MIME-Version: 1.0");
    if (vacation.mime()) {
      entity(out);
    } else {
      out.line("Content-Type: text/plain; charset=utf-8");
      out.line("Content-Transfer-Encoding: base64");
      out.line("");
      out.encoded(vacation.reason());
    }
    return out.bytes();
  }

  /// `:mime`: the reason brings header fields of its own, of which only those about content count
  /// (RFC 5230 §4.4).
  private void entity(WrittenMessage out) {
    boolean inHeader = true;
    boolean taken = false;
    var body = new StringBuilder();
    for (String line : vacation.reason().replace("\r\n", "\n").split("\n", -1)) {
      if (!inHeader) {
        body.append(line).append("\r\n");
      } else if (line.isEmpty()) {
        inHeader = false;
      } else if (line.startsWith(" ") || line.startsWith("\t")) {
        if (taken) out.line(line.replaceAll("[\\p{Cntrl}&&[^\t]]", " "));
      } else {
        taken = line.regionMatches(true, 0, "Content-", 0, 8) && line.indexOf(':') > 0;
        if (taken) out.line(line.replaceAll("\\p{Cntrl}", " "));
      }
    }
    out.line("");
    out.line(body.toString());
  }

  /// RFC 5322 §3.6.4; the oldest ones are left out where there are too many.
  private static Optional<String> references(SieveMessage message, Optional<String> answered) {
    List<String> before =
        message.header("References").stream()
            .findFirst()
            .or(() -> id(message, "In-Reply-To"))
            .map(text ->
                List.of(text.strip().split("\\s+")).stream().filter(AutomaticReply::isId).toList())
            .orElse(List.of());
    var out = new StringBuilder(answered.orElse(""));
    for (String id : before.reversed()) {
      if (out.length() + id.length() > REFERENCES_CHARS_MAX) break;
      if (!out.isEmpty()) out.insert(0, "\r\n ");
      out.insert(0, id);
    }
    return out.isEmpty() ? Optional.empty() : Optional.of(out.toString());
  }

  private static Optional<String> id(SieveMessage message, String field) {
    return message.header(field).stream().findFirst().filter(AutomaticReply::isId);
  }

  private static boolean isId(String text) {
    return text.length() <= 900 && text.matches("<[!-~]+>");
  }
}
