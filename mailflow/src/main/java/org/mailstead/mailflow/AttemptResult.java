package org.mailstead.mailflow;

import java.util.List;
import java.util.Optional;
import org.mailstead.smtp.wire.SmtpReply;

/// What one attempt to deliver to one recipient ended with.
///
/// @param reply the peer's, or ours in its place
/// @param remoteMta who gave the reply, when it was another server
/// @param folder where in the mailbox it is
/// @param outgoing what the recipient's rules send on; queued by the commit that records this
record AttemptResult(
    Kind kind,
    SmtpReply reply,
    Optional<String> remoteMta,
    Optional<String> folder,
    List<RuleMail> outgoing) {
  AttemptResult(Kind kind, SmtpReply reply, Optional<String> remoteMta) {
    this(kind, reply, remoteMta, Optional.empty(), List.of());
  }

  /// The same, in this folder.
  AttemptResult in(String name) {
    return new AttemptResult(kind, reply, remoteMta, Optional.of(name), outgoing);
  }

  enum Kind {
    /// In the mailbox.
    DELIVERED,
    /// Another server has it and reports on (RFC 3461).
    RELAYED,
    /// Another server has it, but knows nothing of reports (RFC 3461 §5.2.2): we say so.
    RELAYED_WITHOUT_REPORTS,
    /// Not now.
    RETRY,
    /// Never.
    FAILED
  }

  static AttemptResult local(Kind kind, int code, String enhancedCode, String text) {
    return new AttemptResult(kind, SmtpReply.of(code, enhancedCode, text), Optional.empty());
  }

  /// Not now, for a reason of ours.
  static AttemptResult retry(SmtpReply reply) {
    return new AttemptResult(Kind.RETRY, reply, Optional.empty());
  }

  static AttemptResult delivered() {
    return local(Kind.DELIVERED, 250, "2.1.5", "Delivered to the mailbox");
  }

  AttemptResult with(List<RuleMail> mail) {
    return new AttemptResult(kind, reply, remoteMta, folder, mail);
  }

  /// Printable ASCII for replies and reports, of whatever a library says.
  static String clean(String text) {
    String cut = text.length() > 200 ? text.substring(0, 200) : text;
    return cut.replaceAll("[^ -~]", "?");
  }
}
