package org.mailstead.core.domains;

/// The status of a record (WorkMail guide, Adding a domain, table of verification statuses).
public enum RecordStatus {
  VERIFIED,
  /// Of the ownership record and DKIM: not there yet, which is usual for up to three days. Of any
  /// record: the DNS has not been asked yet.
  PENDING,
  /// Of the ownership record and DKIM: mismatched, unreachable, or still not there.
  FAILED,
  /// Of the other ones: it cannot be resolved.
  MISSING,
  /// Of the other ones: the value is not the expected one.
  INCONSISTENT
}
