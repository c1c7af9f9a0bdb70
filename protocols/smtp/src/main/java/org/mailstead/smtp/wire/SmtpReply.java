package org.mailstead.smtp.wire;

import java.util.List;
import java.util.Optional;

/// A reply: code, enhanced code (RFC 3463, RFC 2034) and one or more lines of text.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.2 RFC 5321 §4.2
/// @param enhancedCode as `2.1.0`; empty in greetings, EHLO and AUTH challenges
/// @param lines at least one; printable, without line ends
public record SmtpReply(int code, Optional<String> enhancedCode, List<String> lines) {
  public SmtpReply {
    lines = List.copyOf(lines);
    if (code < 200 || code > 599) throw new IllegalArgumentException("reply code " + code);
    if (lines.isEmpty()) throw new IllegalArgumentException("a reply needs a line");
    for (String line : lines) {
      for (int i = 0; i < line.length(); i++) {
        if (line.charAt(i) < ' ' || line.charAt(i) == 0x7F) {
          // A line end here would let one party speak for the other.
          throw new IllegalArgumentException("control character in a reply");
        }
      }
    }
  }

  /// One line with an enhanced code.
  public static SmtpReply of(int code, String enhancedCode, String text) {
    return new SmtpReply(code, Optional.of(enhancedCode), List.of(text));
  }

  /// One line without an enhanced code.
  public static SmtpReply plain(int code, String text) {
    return new SmtpReply(code, Optional.empty(), List.of(text));
  }

  public boolean isPositive() {
    return code < 400;
  }

  public boolean isTemporary() {
    return code >= 400 && code < 500;
  }

  public boolean isPermanent() {
    return code >= 500;
  }

  /// All lines in one, for reports and logs.
  public String text() {
    return String.join(" ", lines);
  }

  /// As in a Diagnostic-Code field: `550 5.1.1 No such user`.
  @Override
  public String toString() {
    return code + enhancedCode.map(e -> " " + e).orElse("") + " " + text();
  }
}
