package org.mailstead.mailflow.transport;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.TlsaRecord;

/// Decides for each host of a domain what its connection must be like. DANE comes first (RFC 8461
/// §2): whoever has TLSA records in a signed zone gets exactly those certificates; then the
/// domain's MTA-STS policy; otherwise encryption is opportunistic.
public final class TransportSecurity {
  private static final int QUESTIONS_MAX = 60;

  private final DnsResolver dns;
  private final StsPolicies policies;

  public TransportSecurity(DnsResolver dns, StsPolicies policies) {
    this.dns = dns;
    this.policies = policies;
  }

  /// What one connection must be like.
  public sealed interface Demand {
    /// Encrypted if the peer can.
    record Opportunistic() implements Demand {}

    /// Encrypted, whatever the certificate: there are TLSA records, none of which we can use (RFC
    /// 7672 §2.2).
    record Encrypted() implements Demand {}

    /// Encrypted with a certificate that the context trusts; names are its affair.
    record Dane(SSLContext context) implements Demand {}

    /// Encrypted with a certificate that the usual authorities vouch for (RFC 8461 §4).
    record Verified() implements Demand {}

    /// Not at all; `isPermanent` is never said: a policy may be put right.
    record Forbidden(String reason) implements Demand {}
  }

  /// The MTA-STS policy of a domain, of whatever mode, and whether there should be one that could
  /// not be had. Only one of mode ENFORCE must be kept.
  public StsPolicies.Found policy(String domain) {
    return policies.look(domain, DnsBudget.of(Duration.ofSeconds(20), QUESTIONS_MAX));
  }

  /// @param isSecure whether DNSSEC vouches for the way from the domain to the host's addresses
  public Demand demand(
      String domain, String host, int port, boolean isSecure, Optional<StsPolicy> policy) {
    if (isSecure) {
      DnsAnswer<TlsaRecord> answer =
          dns.tlsa(
              "_" + port + "._tcp." + host, DnsBudget.of(Duration.ofSeconds(20), QUESTIONS_MAX));
      // RFC 7672 §2.1.2: somebody may be hiding them.
      if (answer.isFailed()) {
        return new Demand.Forbidden("its TLSA records cannot be looked up (DANE)");
      }
      if (answer.isSecure() && !answer.values().isEmpty()) {
        List<TlsaRecord> usable =
            answer.values().stream()
                .filter(DaneTrust::isUsable)
                .limit(TransportLimits.TLSA_RECORDS_MAX)
                .toList();
        return usable.isEmpty()
            ? new Demand.Encrypted()
            : new Demand.Dane(DaneTrust.context(usable, List.of(host, domain)));
      }
    }
    if (policy.isEmpty()) return new Demand.Opportunistic();
    return policy.get().allows(host)
        ? new Demand.Verified()
        : new Demand.Forbidden("the domain's MTA-STS policy does not name it");
  }
}
