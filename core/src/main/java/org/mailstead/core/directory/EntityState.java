package org.mailstead.core.directory;

/// EntityState of the WorkMail API. A deleted entity is found by its id only, for 30 days.
public enum EntityState {
  ENABLED,
  DISABLED,
  DELETED
}
