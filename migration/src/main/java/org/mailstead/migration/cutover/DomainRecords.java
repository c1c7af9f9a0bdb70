package org.mailstead.migration.cutover;

import java.util.List;
import java.util.Optional;

/// The DNS as a cut-over needs it: a domain's own name servers are asked, past every cache.
public interface DomainRecords {
  /// What a record is for.
  enum Purpose {
    MX,
    AUTODISCOVER,
    SPF,
    DKIM,
    DMARC
  }

  /// The type in the DNS.
  enum Type {
    TXT,
    MX,
    CNAME
  }

  /// A record that a target needs.
  ///
  /// @param value in the form of a zone file, without quotes; empty if only its presence is known
  ///   to be needed
  record Needed(Purpose purpose, Type type, String name, String value) {}

  /// How what is published compares with what is needed.
  enum Outcome {
    MATCHED,
    ABSENT,
    DIFFERENT,
    /// No name server of the domain gave an answer.
    UNREACHABLE
  }

  /// @param found empty if nothing was
  /// @param hint what is wrong and what to do, may be empty
  record Answer(Outcome outcome, String found, String hint) {}

  /// Who takes mail for a domain now.
  ///
  /// @param hosts in lower case, by preference; empty if the domain has none
  /// @param ttlSeconds as the zone has it: how long others go on with what they know
  /// @param fault why there is no answer
  record Exchangers(List<String> hosts, long ttlSeconds, Optional<String> fault) {}

  /// One answer for each, in the same order. Blocks for as long as the DNS takes, which the
  /// implementation bounds; what the DNS says is never thrown.
  List<Answer> look(String domain, List<Needed> needed);

  Exchangers exchangers(String domain);
}
