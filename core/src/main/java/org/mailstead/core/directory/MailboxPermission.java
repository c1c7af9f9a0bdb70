package org.mailstead.core.directory;

/// PermissionType of the WorkMail API (PRM-1).
public enum MailboxPermission {
  FULL_ACCESS,
  SEND_AS,
  SEND_ON_BEHALF
}
