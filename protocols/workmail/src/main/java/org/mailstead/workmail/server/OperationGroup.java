package org.mailstead.workmail.server;

import java.util.EnumSet;
import java.util.Set;
import org.mailstead.workmail.wire.shapes.Operation;

/// What an operation costs, for the rates at which a key may call it.
enum OperationGroup {
  /// Describes, lists, gets.
  READ,
  /// Changes of one thing.
  WRITE,
  /// What starts work that goes on after the answer, or waits for somebody else's server.
  HEAVY;

  private static final Set<Operation> HEAVY_ONES =
      EnumSet.of(
          Operation.CREATE_ORGANIZATION,
          Operation.DELETE_ORGANIZATION,
          Operation.INSERT_MAIL_DOMAIN_RECORDS,
          Operation.START_MAILBOX_EXPORT_JOB,
          Operation.TEST_AVAILABILITY_CONFIGURATION,
          Operation.TEST_MAIL_DOMAIN_RECORD_INSERTION);

  static OperationGroup of(Operation operation) {
    if (HEAVY_ONES.contains(operation)) return HEAVY;
    return WorkMailApi.READ_ONLY.contains(operation) ? READ : WRITE;
  }
}
