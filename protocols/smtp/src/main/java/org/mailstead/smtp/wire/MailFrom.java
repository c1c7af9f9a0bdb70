package org.mailstead.smtp.wire;

import java.util.Optional;
import java.util.OptionalLong;
import org.mailstead.base.EmailAddress;

/// The MAIL command: where failures are reported, and what is said about the message in advance.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2 RFC 5321 §4.1.1.2
/// @param reversePath empty for the null path `<>` of a bounce
/// @param size RFC 1870: the sender's idea of the size
/// @param returned RFC 3461 §4.3: what a failure report carries
/// @param envelopeId RFC 3461 §4.4: decoded from xtext
/// @param requireTls RFC 8689 §2: whether it must go over verified TLS all the way
public record MailFrom(
    Optional<EmailAddress> reversePath,
    OptionalLong size,
    BodyKind body,
    boolean smtpUtf8,
    Optional<DsnReturn> returned,
    Optional<String> envelopeId,
    boolean requireTls) {

  /// Without REQUIRETLS.
  public MailFrom(
      Optional<EmailAddress> reversePath,
      OptionalLong size,
      BodyKind body,
      boolean smtpUtf8,
      Optional<DsnReturn> returned,
      Optional<String> envelopeId) {
    this(reversePath, size, body, smtpUtf8, returned, envelopeId, false);
  }

  public MailFrom withRequireTls(boolean required) {
    return new MailFrom(reversePath, size, body, smtpUtf8, returned, envelopeId, required);
  }

  /// What kind of octets the message holds (RFC 6152). BINARYMIME is not offered.
  public enum BodyKind {
    SEVEN_BIT,
    EIGHT_BIT_MIME
  }

  /// RFC 3461 §4.3: RET.
  public enum DsnReturn {
    FULL,
    HEADERS
  }

  /// A MAIL command without parameters.
  public static MailFrom of(Optional<EmailAddress> reversePath) {
    return new MailFrom(
        reversePath,
        OptionalLong.empty(),
        BodyKind.SEVEN_BIT,
        false,
        Optional.empty(),
        Optional.empty());
  }
}
