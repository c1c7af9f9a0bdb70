package org.mailstead.core.domains;

import java.util.Optional;
import org.mailstead.core.directory.MailDomainRecord;

/// What is to be done, or was done, about one wanted record.
///
/// @param zone where it belongs; empty: no zone that may be written to holds it
/// @param found what stands there now
/// @param hint why it is not done, and what to do by hand
public record RecordProposal(
    MailDomainRecord record,
    Action action,
    Optional<String> zone,
    Optional<String> found,
    Optional<String> hint) {
  /// What.
  public enum Action {
    /// Nothing: it is there.
    NONE,
    /// There is no such record: it is written.
    ADD,
    /// There is one that this service wrote: it is replaced.
    REPLACE,
    /// There is one that somebody else wrote: it stays.
    CONFLICT,
    /// Comes once the domain is verified: mail would be refused before.
    WAIT,
    /// No zone that may be written to holds the name.
    NO_ZONE,
    /// The zone's server says no, or nothing.
    FAILED
  }

  RecordProposal failed(String reason) {
    return new RecordProposal(record, Action.FAILED, zone, found, Optional.of(reason));
  }
}
