package org.mailstead.smtp.server;

/// The listeners of SMTP, submission and LMTP.
public final class SmtpServer {
  private SmtpServer() {}
}
