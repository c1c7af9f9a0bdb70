package org.mailstead.mailflow.arc;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.mailflow.authres.AuthenticationResults;

/// What a chain is worth.
///
/// @param sealers `d=` of each seal, the first server first; empty unless PASS
/// @param first what the first server found; empty unless PASS
/// @param instances how many sets the message carries
public record ArcResult(
    ArcVerdict verdict,
    List<String> sealers,
    Optional<AuthenticationResults> first,
    int instances,
    String reason) {
  public ArcResult {
    sealers = List.copyOf(sealers);
  }

  static ArcResult without(ArcVerdict verdict, int instances, String reason) {
    return new ArcResult(verdict, List.of(), Optional.empty(), instances, reason);
  }

  /// Whether every server of a valid chain is trusted, and the first one saw DMARC pass for this
  /// author.
  public boolean isVouchedBy(Set<String> trusted, String author) {
    if (verdict != ArcVerdict.PASS || sealers.isEmpty() || !trusted.containsAll(sealers)) {
      return false;
    }
    return first.stream()
        .flatMap(results -> results.results().stream())
        .anyMatch(result ->
            result.method().equals("dmarc")
                && result.word().equals("pass")
                && author.equalsIgnoreCase(result.properties().getOrDefault("header.from", "")));
  }
}
