package org.mailstead.mailflow.replies;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailstead.formats.sieve.SieveMessage;

/// A message of the user that holds another one, octet for octet.
///
/// @param from the user's address, as a header shows it
/// @param to whom it goes to, likewise
/// @param date as RFC 5322 has it
/// @param messageId in angle brackets
/// @param boundary that does not occur in the message
public record ForwardedMessage(
    String from, String to, String date, String messageId, String boundary) {
  private static final int DELIVERED_MAX = 50;

  /// What stands before the message.
  ///
  /// @param delivered mailboxes that it has come through: the forward carries them on, so that a
  ///   circle is seen
  public String before(SieveMessage message, List<String> delivered) {
    var out = new WrittenMessage();
    delivered.stream().limit(DELIVERED_MAX).forEach(each -> out.line("Delivered-To: " + each));
    out.line("Date: " + date);
    out.line("From: <" + from + ">");
    out.line("To: <" + to + ">");
    String subject = message.header("Subject").stream().findFirst().orElse("");
    out.line("Subject: " + WrittenMessage.unstructured("FW: " + subject));
    out.line("Message-ID: " + messageId);
    // RFC 3834 §5: no automatic answers to this.
    out.line("Auto-Submitted: auto-generated");
    out.line("MIME-Version: 1.0");
    out.line("Content-Type: multipart/mixed; boundary=\"" + boundary + "\"");
    out.line("");
    out.line("--" + boundary);
    out.line("Content-Type: text/plain; charset=us-ascii");
    out.line("");
    out.line("The attached message was forwarded by a rule.");
    out.line("");
    out.line("--" + boundary);
    out.line("Content-Type: message/rfc822");
    out.line("Content-Transfer-Encoding: 8bit");
    out.line("Content-Disposition: attachment");
    out.line("");
    return new String(out.bytes(), StandardCharsets.UTF_8);
  }

  public String after() {
    return "\r\n--" + boundary + "--\r\n";
  }
}
