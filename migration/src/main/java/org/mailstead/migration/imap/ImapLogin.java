package org.mailstead.migration.imap;

/// Who logs in, and how.
public sealed interface ImapLogin {
  /// The mailbox's user.
  String user();

  /// With the user's own password: AUTHENTICATE PLAIN, or LOGIN where that is not offered.
  record Password(String user, Secret password) implements ImapLogin {}

  /// As the user with an administrator's credentials (SASL PLAIN authorization identity, RFC 4616).
  record Administrator(String user, String administrator, Secret password) implements ImapLogin {}

  /// With a bearer token for the user's mailbox (XOAUTH2).
  record Bearer(String user, TokenSource tokens) implements ImapLogin {}
}
