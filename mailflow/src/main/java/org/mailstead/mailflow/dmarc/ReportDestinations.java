package org.mailstead.mailflow.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;

/// Where reports on a domain go. An address in somebody else's domain gets them only if that domain
/// says so, as otherwise anybody could have others flooded.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9990#section-4 RFC 9990 §4
public final class ReportDestinations {
  private final DnsResolver dns;
  private final TreeWalk walk;

  public ReportDestinations(DnsResolver dns) {
    this.dns = dns;
    this.walk = new TreeWalk(dns);
  }

  /// What a domain publishes and who is to get reports.
  public sealed interface Found {
    /// @param to none: nobody wants any
    record Policy(DmarcRecord record, List<EmailAddress> to) implements Found {
      public Policy {
        to = List.copyOf(to);
      }
    }

    /// The domain has no policy any more.
    record None() implements Found {}

    /// Somebody did not answer: later, perhaps.
    record Unknown() implements Found {}
  }

  public Found find(String policyDomain, DnsBudget budget) {
    DnsAnswer<String> answer = dns.txt("_dmarc." + policyDomain, budget);
    if (answer.isFailed()) return new Found.Unknown();
    Optional<DmarcRecord> record = TreeWalk.record(answer.values());
    if (record.isEmpty()) return new Found.None();
    List<EmailAddress> to = new ArrayList<>();
    String own = organization(policyDomain, budget);
    for (EmailAddress address : record.get().reportsTo()) {
      if (address.domain().equals(policyDomain)
          || organization(address.domain(), budget).equals(own)
          || isAccepted(policyDomain, address.domain(), budget)) {
        to.add(address);
      }
    }
    return new Found.Policy(record.get(), to);
  }

  private String organization(String domain, DnsBudget budget) {
    TreeWalk.Walked walked = walk.walk(domain, budget);
    return walked.isComplete() ? walked.organizationalDomain() : domain;
  }

  private boolean isAccepted(String policyDomain, String destination, DnsBudget budget) {
    return dns.txt(policyDomain + "._report._dmarc." + destination, budget).values().stream()
        .anyMatch(DmarcRecord::isPolicy);
  }
}
