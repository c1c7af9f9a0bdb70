package org.mailstead.smtp.server;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.core.access.Principal;

/// What is known about a session when a transaction begins.
///
/// @param id of this session, for logs; unique in this process
/// @param helloName what the client calls itself: untrusted, printable
/// @param protocol the word after `with` in Received (RFC 3848), as ESMTPSA
/// @param tls present once the connection is encrypted
/// @param principal present after AUTH
public record SessionFacts(
    String id,
    Kind kind,
    InetAddress peer,
    int peerPort,
    String helloName,
    String protocol,
    Optional<TlsFacts> tls,
    Optional<Principal> principal,
    Instant connected) {

  /// What a listener is for.
  public enum Kind {
    /// Mail from other servers, as on port 25: no AUTH.
    INBOUND,
    /// Mail from our users, as on ports 587 and 465: AUTH required.
    SUBMISSION,
    /// Mail from a server on our side (RFC 2033): one verdict per recipient.
    LMTP
  }

  /// The encryption in use, as `TLSv1.3` and `TLS_AES_256_GCM_SHA384`.
  public record TlsFacts(String protocol, String cipherSuite) {}
}
