package org.mailstead.smtp.server;

import java.util.Locale;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.smtp.wire.SmtpReply;

/// The replies for what the domain refuses or cannot do now. Total: a new refusal stops the build
/// here.
final class RefusalReplies {
  private static final int TEXT_CHARACTERS_MAX = 400;
  private static final int CAUSES_MAX = 10;

  private RefusalReplies() {}

  static SmtpReply of(RefusedException refused) {
    String text = safe(refused.publicText());
    return switch (refused.refusal()) {
      case NOT_FOUND -> SmtpReply.of(550, "5.1.1", text);
      case ALREADY_EXISTS -> SmtpReply.of(550, "5.3.0", text);
      case FORBIDDEN -> SmtpReply.of(550, "5.7.1", text);
      case AUTHENTICATION_FAILED -> SmtpReply.of(535, "5.7.8", text);
      case OVER_QUOTA -> SmtpReply.of(552, "5.2.2", text);
      case TOO_LARGE -> SmtpReply.of(552, "5.3.4", text);
      case LIMIT_REACHED -> SmtpReply.of(452, "4.5.3", text);
      case INVALID -> SmtpReply.of(501, "5.5.4", text);
      case WRONG_STATE -> SmtpReply.of(550, "5.2.1", text);
      case IN_USE -> SmtpReply.of(450, "4.2.1", text);
      case RESERVED -> SmtpReply.of(550, "5.1.6", text);
      case NOT_SUPPORTED -> SmtpReply.of(554, "5.3.3", text);
    };
  }

  /// The text is not shown: it may name what only operators should know.
  static SmtpReply of(UnavailableException unavailable) {
    return isDiskFull(unavailable)
        ? SmtpReply.of(452, "4.3.1", "Insufficient system storage, try again later")
        : SmtpReply.of(451, "4.3.0", "Temporarily unavailable, try again later");
  }

  /// The JDK has no type for a full disk; the system's words are all there is.
  private static boolean isDiskFull(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
      String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (text.contains("no space left") || text.contains("quota exceeded")) return true;
      cause = cause.getCause();
    }
    return false;
  }

  /// One line of bounded length, printable ASCII: RFC 6531 §3.7.4.2 allows more only to peers that
  /// asked for it.
  private static String safe(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), TEXT_CHARACTERS_MAX); i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c == 0x7F ? ' ' : c > 0x7F ? '?' : c);
    }
    return out.isEmpty() ? "refused" : out.toString();
  }
}
