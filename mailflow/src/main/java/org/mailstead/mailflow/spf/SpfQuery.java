package org.mailstead.mailflow.spf;

import java.net.InetAddress;
import java.time.InstantSource;

/// Who sends what (RFC 7208 §4.1).
///
/// @param peer where the connection comes from
/// @param domain whose policy is asked
/// @param local the sender's local part; `postmaster` where there is none (§4.3)
/// @param senderDomain the sender's domain
/// @param helo what the peer called itself
/// @param receiver our own name
public record SpfQuery(
    InetAddress peer,
    String domain,
    String local,
    String senderDomain,
    String helo,
    String receiver,
    InstantSource clock) {
  /// The MAIL FROM identity (§2.4).
  public static SpfQuery ofMailFrom(
      InetAddress peer,
      String local,
      String domain,
      String helo,
      String receiver,
      InstantSource clock) {
    return new SpfQuery(
        peer, domain, local.isEmpty() ? "postmaster" : local, domain, helo, receiver, clock);
  }

  /// The HELO identity (§2.3); also the MAIL FROM of a message from the null reverse-path.
  public static SpfQuery ofHelo(
      InetAddress peer, String helo, String receiver, InstantSource clock) {
    return new SpfQuery(peer, helo, "postmaster", helo, helo, receiver, clock);
  }
}
