package org.mailstead.core.audit;

import java.time.Instant;
import java.util.List;

/// The record of every API call (JRN-2): append-only, hash-chained, per organization or, for calls
/// without one, per account.
public final class AuditLog {
  /// Whose log: an organization's id or an account's number.
  public record Scope(String value) {}

  /// A stored record.
  ///
  /// @param json the CloudTrail-shaped object
  public record Stored(Instant eventTime, String eventId, String json) {}

  /// Records a call that changed nothing (read, refused) by a commit of its own; durable when it
  /// returns. Calls that change something are recorded by their own commit.
  public void record(Scope scope, AuditEntry entry) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Records with `from <= eventTime < to`, oldest first, at most `countMax`; those of changes
  /// appear once the outbox runner has moved them, usually within a second.
  public List<Stored> read(Scope scope, Instant from, Instant to, int countMax) {
    throw new UnsupportedOperationException("skeleton");
  }
}
