package org.mailstead.smtp.wire;

import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;

/// A command as read from the network: its grammar is right, nothing else is checked yet.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1 RFC 5321 §4.1.1
public sealed interface SmtpCommand {
  /// @param name what the client calls itself; unsafe characters are replaced by `?`
  record Helo(String name) implements SmtpCommand {}

  record Ehlo(String name) implements SmtpCommand {}

  /// RFC 2033 §4.1.
  record Lhlo(String name) implements SmtpCommand {}

  record Mail(MailFrom from) implements SmtpCommand {}

  /// @param address empty for `<Postmaster>` without a domain (RFC 5321 §4.1.1.3)
  record Rcpt(
      Optional<EmailAddress> address,
      Set<RcptTo.Notify> notifications,
      Optional<RcptTo.OriginalRecipient> originalRecipient)
      implements SmtpCommand {}

  record Data() implements SmtpCommand {}

  /// RFC 3030 §2. `size` octets follow the command.
  record Bdat(long size, boolean last) implements SmtpCommand {}

  record Rset() implements SmtpCommand {}

  record Noop() implements SmtpCommand {}

  record Quit() implements SmtpCommand {}

  record Help() implements SmtpCommand {}

  record Vrfy(String argument) implements SmtpCommand {}

  record Expn(String argument) implements SmtpCommand {}

  /// RFC 3207.
  record StartTls() implements SmtpCommand {}

  /// RFC 4954 §4.
  ///
  /// @param mechanism in upper case
  /// @param initialResponse as sent, in Base64; `=` stands for an empty one
  record Auth(String mechanism, Optional<String> initialResponse) implements SmtpCommand {}

  /// A verb that we do not know.
  record Unknown(String verb) implements SmtpCommand {}

  /// A MAIL or RCPT parameter that we do not know (RFC 5321 §4.1.1.11: 555).
  record UnknownParameter(String verb, String parameter) implements SmtpCommand {}

  /// Something that speaks another protocol, as a browser made to talk to us: nothing good follows.
  record ForeignProtocol(String verb) implements SmtpCommand {}
}
