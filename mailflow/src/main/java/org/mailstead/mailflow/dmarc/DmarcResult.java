package org.mailstead.mailflow.dmarc;

import java.util.Optional;

/// What DMARC says about a message.
///
/// @param author the domain in From that decided
/// @param policyDomain whose policy it is
/// @param policy what the policy asks for when it is a FAIL; NONE otherwise
/// @param isDkimAligned a valid signature speaks for the author's domain
/// @param isSpfAligned a valid SPF result does
/// @param record the policy
public record DmarcResult(
    DmarcVerdict verdict,
    String author,
    String policyDomain,
    DmarcPolicy policy,
    boolean isDkimAligned,
    boolean isSpfAligned,
    Optional<DmarcRecord> record,
    String reason) {
  static DmarcResult without(DmarcVerdict verdict, String author, String reason) {
    return new DmarcResult(
        verdict, author, "", DmarcPolicy.NONE, false, false, Optional.empty(), reason);
  }
}
