package org.mailstead.workmail.server;

import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;

/// One authenticated request on its way through the operations.
///
/// @param entry its audit record so far, without an outcome
record Call(AccessKey key, AuditEntry entry) {
  AccountId account() {
    return key.account();
  }

  /// For the commit that the operation makes.
  Change change() {
    return new Change(entry);
  }
}
