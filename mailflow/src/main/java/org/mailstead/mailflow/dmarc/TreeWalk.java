package org.mailstead.mailflow.dmarc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;

/// Goes up the DNS from a domain and collects the policies on the way: what has taken the place of
/// a list of public suffixes.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9989#section-4.10 RFC 9989 §4.10
final class TreeWalk {
  private final DnsResolver dns;

  TreeWalk(DnsResolver dns) {
    this.dns = dns;
  }

  /// A policy that was met, and where.
  record Met(String domain, DmarcRecord record) {}

  /// @param met from the longest name to the shortest
  /// @param isComplete false: somebody did not answer
  record Walked(String start, List<Met> met, boolean isComplete) {
    /// §4.10.2.
    String organizationalDomain() {
      for (Met each : met) {
        Optional<Boolean> suffix = each.record().isPublicSuffix();
        if (suffix.isPresent() && !suffix.get()) return each.domain();
        // The name one label below a public suffix that says so is somebody's own.
        if (suffix.isPresent() && !each.domain().equals(start)) return below(each.domain());
      }
      return met.isEmpty() ? start : met.getLast().domain();
    }

    Optional<Met> at(String domain) {
      return met.stream().filter(each -> each.domain().equals(domain)).findFirst();
    }

    private String below(String suffix) {
      String front = start.substring(0, start.length() - suffix.length() - 1);
      return front.substring(front.lastIndexOf('.') + 1) + "." + suffix;
    }
  }

  Walked walk(String start, DnsBudget budget) {
    List<Met> met = new ArrayList<>();
    String domain = start;
    for (int query = 0; query < DmarcLimits.WALK_QUERIES_MAX && !domain.isEmpty(); query++) {
      DnsAnswer<String> answer = dns.txt("_dmarc." + domain, budget);
      if (answer.isFailed()) return new Walked(start, List.copyOf(met), false);
      Optional<DmarcRecord> record = record(answer.values());
      if (record.isPresent()) {
        met.add(new Met(domain, record.get()));
        if (record.get().isPublicSuffix().isPresent()) break;
      }
      domain = parent(domain);
    }
    return new Walked(start, List.copyOf(met), true);
  }

  /// Exactly one policy; several are none.
  static Optional<DmarcRecord> record(List<String> texts) {
    List<String> policies = texts.stream().filter(DmarcRecord::isPolicy).toList();
    return policies.size() == 1 ? DmarcRecord.parse(policies.getFirst()) : Optional.empty();
  }

  /// One label less, and never more than seven: nobody makes us ask a hundred times.
  private static String parent(String domain) {
    String[] labels = domain.split("\\.");
    int from = Math.max(1, labels.length - DmarcLimits.WALK_LABELS_MAX);
    return String.join(".", Arrays.asList(labels).subList(from, labels.length));
  }
}
