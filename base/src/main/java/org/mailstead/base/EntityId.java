package org.mailstead.base;

/// A user, group or resource of one organization: a UUID, or `r-` and 32 digits for resources
/// (WorkMail API).
public record EntityId(String value) {
  public static final int LENGTH_MAX = 64;

  public EntityId {
    if (value.isEmpty() || value.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("EntityId length out of range: " + value.length());
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
