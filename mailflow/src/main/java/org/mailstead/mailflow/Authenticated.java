package org.mailstead.mailflow;

import java.util.List;
import java.util.Optional;
import org.mailstead.core.logs.EmailEvent;
import org.mailstead.mailflow.arc.ArcResult;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.dmarc.DmarcResult;
import org.mailstead.mailflow.dmarc.DmarcVerdict;
import org.mailstead.mailflow.spf.SpfResult;

/// All that the checks found out about one message.
///
/// @param helo the SPF result of the HELO identity
/// @param spf the SPF result that counts: of MAIL FROM, or of HELO for the null reverse-path
/// @param dkim of each signature that was verified
/// @param isExcused an ARC chain of a trusted sealer says that DMARC was fine before it was broken
/// @param fields header lines that tell it, ready to be put before the message
record Authenticated(
    SpfResult helo,
    SpfResult spf,
    List<DkimResult> dkim,
    DmarcResult dmarc,
    ArcResult arc,
    boolean isExcused,
    String fields) {
  /// What DMARC wants done with the message, whoever enforces it; empty: nothing.
  Optional<DmarcPolicy> wanted() {
    if (isExcused || dmarc.verdict() != DmarcVerdict.FAIL || dmarc.policy() == DmarcPolicy.NONE) {
      return Optional.empty();
    }
    return Optional.of(dmarc.policy());
  }

  boolean hasFailedDmarc() {
    return dmarc.verdict() == DmarcVerdict.FAIL;
  }

  /// Whether it would be refused if what could vouch for it stays out of reach: then the peer is
  /// asked to come again, so that neither mail is lost nor a forgery gets through.
  boolean isUndecided() {
    return !isExcused
        && dmarc.verdict() == DmarcVerdict.TEMPERROR
        && dmarc.policy() == DmarcPolicy.REJECT;
  }

  /// The verdicts in the words of the e-mail events (WorkMail guide, Monitoring email events).
  EmailEvent.Verdicts verdicts() {
    return new EmailEvent.Verdicts(
        Optional.empty(),
        Optional.of(dkimVerdict()),
        Optional.of(dmarcVerdict()),
        dmarcPolicy(),
        Optional.of(spfVerdict()));
  }

  private String spfVerdict() {
    return switch (spf.verdict()) {
      case PASS -> "PASS";
      case FAIL, SOFTFAIL -> "FAIL";
      case NONE, NEUTRAL -> "GRAY";
      case TEMPERROR, PERMERROR -> "PROCESSING_FAILED";
    };
  }

  private String dkimVerdict() {
    if (dkim.isEmpty()) return "GRAY";
    if (dkim.stream().anyMatch(each -> each.verdict() == DkimVerdict.PASS)) return "PASS";
    if (dkim.stream().anyMatch(each -> each.verdict() == DkimVerdict.FAIL)) return "FAIL";
    return "PROCESSING_FAILED";
  }

  private String dmarcVerdict() {
    return switch (dmarc.verdict()) {
      case PASS -> "PASS";
      case FAIL -> "FAIL";
      case NONE -> "GRAY";
      case TEMPERROR, PERMERROR -> "PROCESSING_FAILED";
    };
  }

  /// Only with a FAIL.
  private Optional<String> dmarcPolicy() {
    return dmarc.verdict() == DmarcVerdict.FAIL
        ? Optional.of(dmarc.policy().name())
        : Optional.empty();
  }
}
