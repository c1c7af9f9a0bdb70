package org.mailstead.smtp.server;

import org.mailstead.smtp.wire.SmtpReply;

/// Reception's answer about a recipient or a message.
public sealed interface Verdict {
  /// Yes. `text` follows the code and is public, as `queued as 01J…`; the server supplies code and
  /// enhanced code.
  record Accepted(String text) implements Verdict {}

  /// No, for ever (5xx).
  record Rejected(SmtpReply reply) implements Verdict {
    public Rejected {
      if (!reply.isPermanent()) throw new IllegalArgumentException("not a 5xx code: " + reply);
    }
  }

  /// Not now (4xx).
  record Deferred(SmtpReply reply) implements Verdict {
    public Deferred {
      if (!reply.isTemporary()) throw new IllegalArgumentException("not a 4xx code: " + reply);
    }
  }

  static Verdict accepted() {
    return new Accepted("OK");
  }

  /// @param enhancedCode RFC 3463, as `5.1.1`
  static Verdict rejected(int code, String enhancedCode, String text) {
    return new Rejected(SmtpReply.of(code, enhancedCode, text));
  }

  /// @param enhancedCode RFC 3463, as `4.3.0`
  static Verdict deferred(int code, String enhancedCode, String text) {
    return new Deferred(SmtpReply.of(code, enhancedCode, text));
  }
}
