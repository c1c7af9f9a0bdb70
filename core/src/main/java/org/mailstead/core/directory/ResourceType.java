package org.mailstead.core.directory;

/// ResourceType of the WorkMail API. Names are stored.
public enum ResourceType {
  ROOM,
  EQUIPMENT
}
