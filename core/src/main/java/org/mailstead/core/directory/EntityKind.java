package org.mailstead.core.directory;

/// EntityType of the WorkMail API.
public enum EntityKind {
  USER,
  GROUP,
  RESOURCE
}
