package org.mailstead.mailflow.dmarc;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimVerdict;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.spf.SpfResult;
import org.mailstead.mailflow.spf.SpfVerdict;

/// Decides whether SPF or DKIM speaks for the author's domain, and what the domain wants done if
/// neither does.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9989#section-5.3 RFC 9989 §5.3
public final class DmarcEvaluator {
  private final DnsResolver dns;
  private final TreeWalk walk;

  public DmarcEvaluator(DnsResolver dns) {
    this.dns = dns;
    this.walk = new TreeWalk(dns);
  }

  /// With several authors every one of their domains must be vouched for; the strictest policy of
  /// those that are not is the message's.
  ///
  /// @param authors domains of From in their ASCII form, each once
  /// @param spf of the MAIL FROM identity, or of HELO for the null reverse-path
  public DmarcResult evaluate(
      List<String> authors, SpfResult spf, List<DkimResult> dkim, DnsBudget budget) {
    if (authors.isEmpty()) {
      return DmarcResult.without(DmarcVerdict.PERMERROR, "", "there is no author's domain");
    }
    if (authors.size() > DmarcLimits.AUTHOR_DOMAINS_MAX) {
      return DmarcResult.without(
          DmarcVerdict.PERMERROR, authors.getFirst(), "too many domains in From");
    }
    DmarcResult worst = evaluate(authors.getFirst(), spf, dkim, budget);
    for (String author : authors.subList(1, authors.size())) {
      DmarcResult next = evaluate(author, spf, dkim, budget);
      if (rank(next) > rank(worst)) worst = next;
    }
    return worst;
  }

  private static int rank(DmarcResult result) {
    return switch (result.verdict()) {
      case PASS -> 0;
      case NONE -> 1;
      case PERMERROR -> 2;
      case TEMPERROR -> 3;
      case FAIL -> 4 + result.policy().ordinal();
    };
  }

  private DmarcResult evaluate(
      String author, SpfResult spf, List<DkimResult> dkim, DnsBudget budget) {
    TreeWalk.Walked walked = walk.walk(author, budget);
    String organization = walked.organizationalDomain();
    // §4.10.1: the author's own policy, that of the organizational domain, that of the suffix.
    Optional<TreeWalk.Met> met =
        walked
            .at(author)
            .or(() -> walked.at(organization))
            .or(() ->
                walked.met().isEmpty() ? Optional.empty() : Optional.of(walked.met().getLast()));
    if (!walked.isComplete()) {
      return DmarcResult.without(DmarcVerdict.TEMPERROR, author, "the policy cannot be looked up");
    }
    if (met.isEmpty()) return DmarcResult.without(DmarcVerdict.NONE, author, "no policy");
    DmarcRecord record = met.get().record();
    boolean byDkim = false;
    boolean unsure = false;
    for (DkimResult each : dkim) {
      boolean aligned =
          isAligned(each.domain(), author, organization, record.isStrictDkim(), budget);
      byDkim |= aligned && each.verdict() == DkimVerdict.PASS;
      unsure |= aligned && each.verdict() == DkimVerdict.TEMPERROR;
    }
    boolean spfSpeaks =
        isAligned(
            spf.domain().toLowerCase(Locale.ROOT),
            author,
            organization,
            record.isStrictSpf(),
            budget);
    boolean bySpf = spfSpeaks && spf.verdict() == SpfVerdict.PASS;
    unsure |= spfSpeaks && spf.verdict() == SpfVerdict.TEMPERROR;
    DmarcVerdict verdict =
        byDkim || bySpf ? DmarcVerdict.PASS : unsure ? DmarcVerdict.TEMPERROR : DmarcVerdict.FAIL;
    DmarcPolicy policy = DmarcPolicy.NONE;
    if (verdict == DmarcVerdict.FAIL || verdict == DmarcVerdict.TEMPERROR) {
      boolean own = met.get().domain().equals(author);
      policy =
          record.applicable(own, own || record.nonexistent().isEmpty() || exists(author, budget));
    }
    return new DmarcResult(
        verdict,
        author,
        met.get().domain(),
        policy,
        byDkim,
        bySpf,
        Optional.of(record),
        unsure ? "what could vouch for it cannot be looked up" : "");
  }

  /// §4.4: the same domain, or relaxed, the same organizational domain.
  private boolean isAligned(
      String domain, String author, String organization, boolean strict, DnsBudget budget) {
    if (domain.isEmpty()) return false;
    if (domain.equals(author)) return true;
    if (strict) return false;
    if (domain.equals(organization)) return walkedTo(domain, budget).equals(organization);
    // Only a name below the organizational domain can have the same one.
    if (!domain.endsWith("." + organization)) return false;
    return walkedTo(domain, budget).equals(organization);
  }

  private String walkedTo(String domain, DnsBudget budget) {
    TreeWalk.Walked walked = walk.walk(domain, budget);
    return walked.isComplete() ? walked.organizationalDomain() : "";
  }

  /// RFC 8020: NXDOMAIN for one type is NXDOMAIN for all. Who does not answer exists.
  private boolean exists(String domain, DnsBudget budget) {
    return !(dns.a(domain, false, budget) instanceof DnsAnswer.NoName<?>);
  }
}
