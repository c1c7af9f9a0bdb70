package org.mailstead.core.domains;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.core.directory.MailDomainRecord;

/// A wanted record and what is known about it.
///
/// @param checked when the DNS was asked; empty: not yet
/// @param found the value that the domain's name servers answered
/// @param hint what to do, if something is to be done
public record CheckedRecord(
    MailDomainRecord record,
    RecordStatus status,
    Optional<Instant> checked,
    Optional<String> found,
    Optional<String> hint) {
  static CheckedRecord unasked(MailDomainRecord record) {
    return new CheckedRecord(
        record, RecordStatus.PENDING, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
