package org.mailstead.core.directory;

/// UserRole of the WorkMail API. Only USER and REMOTE_USER can be chosen.
public enum UserRole {
  USER,
  RESOURCE,
  SYSTEM_USER,
  /// An address book entry for somebody whose mailbox is elsewhere.
  REMOTE_USER
}
