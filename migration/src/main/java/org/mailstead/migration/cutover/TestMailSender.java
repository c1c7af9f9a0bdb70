package org.mailstead.migration.cutover;

/// Hands a message over to the target by SMTP, as somebody outside would.
@FunctionalInterface
public interface TestMailSender {
  /// What the target's server said to one recipient.
  sealed interface Outcome {
    /// It has taken responsibility.
    record Accepted() implements Outcome {}

    /// For good.
    record Refused(String reply) implements Outcome {}

    /// It, or the way to it, asks to try again (greylisting, a broken connection).
    record Later(String reason) implements Outcome {}
  }

  /// @param message octets with CRLF
  Outcome send(String from, String to, byte[] message);
}
