package org.mailstead.smtp.server;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.mailstead.smtp.wire.SmtpLimits;

/// What the SMTP server is told.
///
/// @param hostName of this server, in greetings and in the address of a bare Postmaster
/// @param isPlainAuthOnLoopback AUTH without TLS from this machine itself
/// @param spoolFolder for messages larger than `spoolMemoryBytesMax` while they come in
public record SmtpServerSettings(
    String hostName,
    List<Listener> listeners,
    SmtpLimits limits,
    BareLineEnds bareLineEnds,
    boolean isPlainAuthOnLoopback,
    Path spoolFolder,
    int spoolMemoryBytesMax) {

  public SmtpServerSettings {
    listeners = List.copyOf(listeners);
  }

  /// One port.
  ///
  /// @param isTlsImplicit TLS from the first byte (RFC 8314), as on port 465
  public record Listener(
      SessionFacts.Kind kind, InetSocketAddress address, boolean isTlsImplicit) {}

  /// What becomes of a bare CR or LF within message data. Neither way ever ends the data; within
  /// commands a bare LF always ends the session.
  public enum BareLineEnds {
    /// LF becomes CRLF and CR a space, as Postfix does by default since 3.9.
    NORMALIZE,
    /// The message is refused with 550 5.5.2.
    REJECT
  }
}
