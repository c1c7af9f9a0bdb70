package org.mailstead.core.logs;

import java.util.Optional;

/// The logs that an organization can have, by WorkMail's names for their types.
///
/// @spec https://docs.aws.amazon.com/workmail/latest/adminguide/monitoring-audit-logging.html AWS
///   WorkMail guide: Audit logging
public enum LogGroup {
  ACCESS_CONTROL_LOGS,
  AUTHENTICATION_LOGS,
  WORKMAIL_AVAILABILITY_PROVIDER_LOGS,
  WORKMAIL_MAILBOX_ACCESS_LOGS,
  WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS,
  /// What became of mail; WorkMail's group `/aws/workmail/emailevents/<alias>`.
  EMAIL_EVENTS;

  public static Optional<LogGroup> find(String name) {
    for (LogGroup group : values()) if (group.name().equals(name)) return Optional.of(group);
    return Optional.empty();
  }
}
