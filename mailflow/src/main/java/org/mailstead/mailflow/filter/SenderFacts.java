package org.mailstead.mailflow.filter;

import java.util.Optional;

/// What authentication found out about a message, as far as the built-in filter goes by it.
///
/// @param isChecked whether SPF, DKIM and DMARC were looked at; the rest says nothing otherwise
/// @param spf the result's word (RFC 8601 §2.7.2)
/// @param dkim the best result's word, `none` without a signature
/// @param dmarc the result's word
/// @param isVouchedFor by an ARC chain of a trusted sealer
/// @param address of the author, if there is one only
public record SenderFacts(
    boolean isChecked,
    String spf,
    String dkim,
    String dmarc,
    boolean isVouchedFor,
    Optional<Author> address) {
  /// @param isSure whether authentication says that the domain is really the author's
  public record Author(String address, String domain, boolean isSure) {}

  /// Nothing was looked at.
  public static SenderFacts unchecked() {
    return new SenderFacts(false, "none", "none", "none", false, Optional.empty());
  }
}
