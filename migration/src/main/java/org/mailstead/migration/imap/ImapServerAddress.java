package org.mailstead.migration.imap;

import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Where a server is and how to talk to it.
///
/// @param allMail for Gmail
/// @param trust what certificates are checked against; the JDK's own authorities if empty
public record ImapServerAddress(
    String host,
    int port,
    Security security,
    Optional<SSLContext> trust,
    Provider provider,
    Duration timeout,
    AllMail allMail) {
  public ImapServerAddress(
      String host,
      int port,
      Security security,
      Optional<SSLContext> trust,
      Provider provider,
      Duration timeout) {
    this(host, port, security, trust, provider, timeout, AllMail.UNLABELLED);
  }

  /// How a connection becomes private. There is no way to leave certificates unchecked.
  public enum Security {
    /// TLS from the first octet (RFC 8314).
    TLS,
    /// STARTTLS before anything is said.
    STARTTLS,
    /// Nothing: for the loopback address and tests.
    PLAIN
  }
}
