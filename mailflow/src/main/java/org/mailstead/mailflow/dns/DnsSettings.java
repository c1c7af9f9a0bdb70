package org.mailstead.mailflow.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/// How the DNS is asked.
///
/// @param resolver asked instead of the system's
/// @param timeout for one question
/// @param validation who checks signatures
/// @param trustAnchors DS or DNSKEY records in zone file format; the root's own if empty
public record DnsSettings(
    Optional<InetSocketAddress> resolver,
    Duration timeout,
    Validation validation,
    Optional<String> trustAnchors) {
  /// Who checks DNSSEC signatures where they matter (RFC 7672).
  public enum Validation {
    /// We do, from the trust anchors down. Needs a resolver that passes signatures on.
    OWN,
    /// The resolver does, and says so by the AD bit: only if the way to it is safe.
    RESOLVER,
    /// Nobody: no answer counts as secure.
    OFF
  }

  public static DnsSettings standard() {
    return new DnsSettings(
        Optional.empty(), Duration.ofSeconds(5), Validation.OFF, Optional.empty());
  }

  public DnsSettings withResolver(InetSocketAddress value, Duration patience) {
    return new DnsSettings(Optional.of(value), patience, validation, trustAnchors);
  }

  public DnsSettings with(Validation value) {
    return new DnsSettings(resolver, timeout, value, trustAnchors);
  }

  public DnsSettings withTrustAnchors(String value) {
    return new DnsSettings(resolver, timeout, validation, Optional.of(value));
  }
}
