package org.mailstead.mailflow.dkim;

import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;

/// Asks for keys, for DKIM and for ARC.
public final class KeyLookup {
  private final DnsResolver dns;

  public KeyLookup(DnsResolver dns) {
    this.dns = dns;
  }

  /// What was found.
  public sealed interface Found {
    record Key(PublicKey key, boolean isExact, boolean isTest) implements Found {}

    /// There is none that may be used.
    record Unusable(String reason) implements Found {}

    /// Nobody knows now.
    record Unavailable(String reason) implements Found {}
  }

  public Found find(String domain, String selector, SigningAlgorithm algorithm, DnsBudget budget) {
    return switch (dns.txt(selector + "._domainkey." + domain, budget)) {
      case DnsAnswer.Failed<String>(var _, String reason) -> new Found.Unavailable(reason);
      case DnsAnswer.NoData<String> _, DnsAnswer.NoName<String> _ ->
          new Found.Unusable("no key is published");
      // RFC 6376 §3.6.2.2: one record; with several, which one counts is undefined.
      case DnsAnswer.Found<String>(List<String> records, var _) -> read(records, algorithm);
    };
  }

  private static Found read(List<String> records, SigningAlgorithm algorithm) {
    Optional<String> reason = Optional.empty();
    for (String record : records) {
      try {
        DkimKey key = DkimKey.parse(record);
        if (key.key().isEmpty()) return new Found.Unusable("the key is revoked");
        if (key.algorithm() == algorithm) {
          return new Found.Key(key.key().get(), key.isExact(), key.isTest());
        }
        reason = Optional.of("the key is of another kind");
      } catch (MalformedException e) {
        reason = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return new Found.Unusable(reason.orElse("no key is published"));
  }
}
