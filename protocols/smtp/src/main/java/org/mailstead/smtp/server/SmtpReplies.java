package org.mailstead.smtp.server;

import org.mailstead.smtp.wire.SmtpReply;

/// The server's own replies.
final class SmtpReplies {
  /// RFC 8689 §2: the parameter is known only where it was announced.
  static final SmtpReply TLS_NEEDED =
      SmtpReply.of(530, "5.7.10", "REQUIRETLS needs an encrypted connection: STARTTLS first");

  static final SmtpReply OK = SmtpReply.of(250, "2.0.0", "OK");
  static final SmtpReply SENDER_OK = SmtpReply.of(250, "2.1.0", "OK");
  static final SmtpReply BYE = SmtpReply.of(221, "2.0.0", "Bye");
  static final SmtpReply START_DATA = SmtpReply.plain(354, "End data with <CR><LF>.<CR><LF>");
  static final SmtpReply START_TLS = SmtpReply.of(220, "2.0.0", "Ready to start TLS");
  static final SmtpReply TLS_UNAVAILABLE = SmtpReply.of(454, "4.7.0", "TLS is not available now");
  static final SmtpReply LOGGED_IN = SmtpReply.of(235, "2.7.0", "Authentication successful");
  static final SmtpReply CANNOT_VERIFY =
      SmtpReply.of(252, "2.0.0", "Cannot verify, send some mail and see");
  static final SmtpReply HELP =
      SmtpReply.of(214, "2.0.0", "EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT: see RFC 5321");

  static final SmtpReply TIMEOUT = SmtpReply.of(421, "4.4.2", "Timeout, closing connection");
  static final SmtpReply STOPPING = SmtpReply.of(421, "4.3.2", "Service shutting down");
  static final SmtpReply TOO_MANY_SESSIONS =
      SmtpReply.of(421, "4.7.0", "Too many connections, try again later");
  static final SmtpReply TOO_MANY_TRANSACTIONS =
      SmtpReply.of(421, "4.7.0", "Too many messages in one session, connect again");
  static final SmtpReply SESSION_TOO_LONG =
      SmtpReply.of(421, "4.7.0", "Session too long, connect again");
  static final SmtpReply TOO_MANY_ERRORS = SmtpReply.of(421, "4.7.0", "Too many errors");
  static final SmtpReply BUG = SmtpReply.of(451, "4.3.0", "Internal error");

  static final SmtpReply UNKNOWN_COMMAND = SmtpReply.of(500, "5.5.1", "Command not recognized");
  static final SmtpReply LINE_TOO_LONG = SmtpReply.of(500, "5.5.2", "Line too long");
  static final SmtpReply AUTH_LINE_TOO_LONG =
      SmtpReply.of(500, "5.5.6", "Authentication exchange line is too long");
  // Deviates: RFC 5321 §2.3.8 — deviations.md#bare-lf-command
  static final SmtpReply BARE_LF =
      SmtpReply.of(521, "5.5.2", "Lines end with <CR><LF>, not with a bare <LF>");
  static final SmtpReply FOREIGN_PROTOCOL = SmtpReply.of(521, "5.5.1", "This is SMTP");
  static final SmtpReply NOT_HERE = SmtpReply.of(502, "5.5.1", "Command not offered here");
  static final SmtpReply HELLO_FIRST = SmtpReply.of(503, "5.5.1", "Greet first");
  static final SmtpReply NO_TRANSACTION = SmtpReply.of(503, "5.5.1", "MAIL first");
  static final SmtpReply IN_TRANSACTION = SmtpReply.of(503, "5.5.1", "Not within a transaction");
  static final SmtpReply NO_RECIPIENTS = SmtpReply.of(503, "5.5.1", "RCPT first");
  static final SmtpReply NO_VALID_RECIPIENTS = SmtpReply.of(554, "5.5.1", "No valid recipients");
  static final SmtpReply NOT_AFTER_BDAT = SmtpReply.of(503, "5.5.1", "Not after BDAT");
  static final SmtpReply CHUNK_FAILED =
      SmtpReply.of(503, "5.5.1", "An earlier chunk failed, RSET first");
  static final SmtpReply BAD_CHUNK = SmtpReply.of(521, "5.5.4", "Cannot tell the chunk's size");
  static final SmtpReply LOGGED_IN_ALREADY = SmtpReply.of(503, "5.5.1", "Already authenticated");
  static final SmtpReply TLS_ALREADY = SmtpReply.of(503, "5.5.1", "TLS is active already");
  static final SmtpReply TLS_FIRST = SmtpReply.of(530, "5.7.0", "Must issue STARTTLS first");
  static final SmtpReply TLS_FOR_AUTH =
      SmtpReply.of(538, "5.7.11", "Encryption required, issue STARTTLS first");
  static final SmtpReply LOGIN_FIRST = SmtpReply.of(530, "5.7.0", "Authentication required");
  static final SmtpReply LOGIN_FAILED =
      SmtpReply.of(535, "5.7.8", "Authentication credentials invalid");
  static final SmtpReply ACCESS_ENDED =
      SmtpReply.of(421, "4.7.0", "Access is no longer allowed, closing connection");
  static final SmtpReply ACCESS_REFUSED = SmtpReply.of(550, "5.7.0", "Access is no longer allowed");
  static final SmtpReply LOGIN_UNAVAILABLE =
      SmtpReply.of(454, "4.7.0", "Temporary authentication failure");
  static final SmtpReply LOGIN_CANCELLED = SmtpReply.of(501, "5.7.0", "Authentication cancelled");
  static final SmtpReply BAD_BASE64 = SmtpReply.of(501, "5.5.2", "Cannot decode the response");
  static final SmtpReply UNKNOWN_MECHANISM =
      SmtpReply.of(504, "5.5.4", "Authentication mechanism not offered");

  static final SmtpReply MESSAGE_TOO_LARGE =
      SmtpReply.of(552, "5.3.4", "Message exceeds the maximum size");
  static final SmtpReply TOO_MANY_RECIPIENTS = SmtpReply.of(452, "4.5.3", "Too many recipients");
  static final SmtpReply UTF8_NEEDED =
      SmtpReply.of(553, "5.6.7", "A non-ASCII address needs SMTPUTF8");
  static final SmtpReply BARE_LINE_END =
      SmtpReply.of(550, "5.5.2", "Message has a bare <CR> or <LF>");
  static final SmtpReply TEXT_LINE_TOO_LONG =
      SmtpReply.of(550, "5.6.0", "Message has too long a line");
  static final SmtpReply MAIL_LOOP = SmtpReply.of(554, "5.4.6", "Too many hops, mail loop");

  private SmtpReplies() {}
}
