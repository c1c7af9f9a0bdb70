package org.mailstead.imap.server;

import org.mailstead.base.EmailId;

/// A message cannot be read back as it was stored. The command answers `NO [CORRUPTION]`; the
/// session and all other messages go on (RFC 5530 §3).
final class DamagedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DamagedMessageException(EmailId email, RuntimeException cause) {
    super("email " + email + " cannot be read", cause);
  }
}
