package org.mailstead.imap.server;

import org.mailstead.base.Refusal;

/// Every refusal of the domain as an IMAP response code.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5530 RFC 5530 §3
final class RefusalCodes {
  private RefusalCodes() {}

  static String code(Refusal refusal) {
    return switch (refusal) {
      case NOT_FOUND -> "NONEXISTENT";
      case ALREADY_EXISTS -> "ALREADYEXISTS";
      case FORBIDDEN -> "NOPERM";
      case AUTHENTICATION_FAILED -> "AUTHENTICATIONFAILED";
      case OVER_QUOTA -> "OVERQUOTA";
      case TOO_LARGE -> "TOOBIG";
      case LIMIT_REACHED -> "LIMIT";
      case INVALID, WRONG_STATE, RESERVED, NOT_SUPPORTED -> "CANNOT";
      case IN_USE -> "INUSE";
    };
  }
}
