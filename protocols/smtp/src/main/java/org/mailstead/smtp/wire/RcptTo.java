package org.mailstead.smtp.wire;

import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;

/// The RCPT command: one recipient, and when its sender wants to hear of it.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3 RFC 5321 §4.1.1.3
/// @param address `Postmaster` without a domain arrives here as postmaster at the server's own name
/// @param notifications RFC 3461 §4.1; empty when the parameter was absent: failures only
/// @param originalRecipient RFC 3461 §4.2
public record RcptTo(
    EmailAddress address,
    Set<Notify> notifications,
    Optional<OriginalRecipient> originalRecipient) {

  public RcptTo {
    notifications = Set.copyOf(notifications);
  }

  /// RFC 3461 §4.1: NEVER stands alone.
  public enum Notify {
    NEVER,
    SUCCESS,
    FAILURE,
    DELAY
  }

  /// RFC 3461 §4.2: ORCPT, its address decoded from xtext.
  ///
  /// @param type usually `rfc822`
  public record OriginalRecipient(String type, String address) {}

  /// A recipient without parameters.
  public static RcptTo of(EmailAddress address) {
    return new RcptTo(address, Set.of(), Optional.empty());
  }

  /// Whether a failure must be reported (RFC 3461 §4.1: the default when NOTIFY is absent).
  public boolean isFailureReported() {
    return notifications.isEmpty() || notifications.contains(Notify.FAILURE);
  }
}
