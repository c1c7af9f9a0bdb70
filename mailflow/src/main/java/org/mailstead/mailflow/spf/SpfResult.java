package org.mailstead.mailflow.spf;

import java.util.Optional;

/// What a check came to.
///
/// @param domain whose policy was asked
/// @param mechanism the directive that decided, as it stands in the record
/// @param explanation the domain's own text for a FAIL (RFC 7208 §6.2): somebody else's words,
///   printable ASCII
/// @param reason why it is a TEMPERROR or PERMERROR; empty otherwise
public record SpfResult(
    SpfVerdict verdict,
    String domain,
    Optional<String> mechanism,
    Optional<String> explanation,
    String reason) {
  static SpfResult of(SpfVerdict verdict, String domain, String reason) {
    return new SpfResult(verdict, domain, Optional.empty(), Optional.empty(), reason);
  }
}
