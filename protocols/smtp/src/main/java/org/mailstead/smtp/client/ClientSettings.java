package org.mailstead.smtp.client;

import java.time.Duration;
import javax.net.ssl.SSLContext;

/// How a client speaks to one peer.
///
/// @param helloName what EHLO says: this server's name
/// @param isLmtp LHLO, and one reply per recipient at the end of data (RFC 2033)
/// @param sslContext checks certificates, where `tls` wants them checked
/// @param isChunkingUsed BDAT where offered; some servers err there, so the queue leaves it out
public record ClientSettings(
    String helloName,
    boolean isLmtp,
    Tls tls,
    SSLContext sslContext,
    Timeouts timeouts,
    boolean isChunkingUsed) {

  /// SMTP to another server: opportunistic TLS, the standard times, DATA.
  public static ClientSettings standard(String helloName, SSLContext sslContext) {
    return new ClientSettings(
        helloName, false, Tls.OPPORTUNISTIC, sslContext, Timeouts.standard(), false);
  }

  public ClientSettings with(Tls other) {
    return new ClientSettings(helloName, isLmtp, other, sslContext, timeouts, isChunkingUsed);
  }

  public ClientSettings with(SSLContext other) {
    return new ClientSettings(helloName, isLmtp, tls, other, timeouts, isChunkingUsed);
  }

  public ClientSettings with(Timeouts other) {
    return new ClientSettings(helloName, isLmtp, tls, sslContext, other, isChunkingUsed);
  }

  /// The same for LMTP.
  public ClientSettings toLmtp() {
    return new ClientSettings(helloName, true, tls, sslContext, timeouts, isChunkingUsed);
  }

  public ClientSettings withChunking() {
    return new ClientSettings(helloName, isLmtp, tls, sslContext, timeouts, true);
  }

  /// What the connection's encryption must be.
  public enum Tls {
    /// Never STARTTLS.
    NONE,
    /// STARTTLS where offered, whatever the certificate; plain text where not (RFC 7435). A
    /// handshake that fails is an `IOException`: the caller may connect again with NONE.
    OPPORTUNISTIC,
    /// STARTTLS or failure; the certificate is not checked.
    REQUIRED,
    /// STARTTLS or failure; the certificate must be trusted and name the peer (MTA-STS, gateways).
    VERIFIED,
    /// STARTTLS or failure; the context alone decides which certificate is right, names included
    /// (DANE, RFC 7672).
    DANE,
    /// TLS from the first byte (RFC 8314), certificate checked.
    IMPLICIT_VERIFIED
  }

  /// RFC 5321 §4.5.3.2.
  public record Timeouts(
      Duration connect,
      Duration greeting,
      Duration command,
      Duration dataInitiation,
      Duration dataBlock,
      Duration dataTermination) {

    /// The minimum values of RFC 5321 §4.5.3.2; connecting gives up after 30 seconds.
    public static Timeouts standard() {
      return new Timeouts(
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3),
          Duration.ofMinutes(10));
    }
  }
}
