package org.mailstead.base;

/// An organization: `m-` and 32 hexadecimal digits (WorkMail API, `OrganizationId`).
public record OrganizationId(String value) {
  public static final int LENGTH_MAX = 64;

  public OrganizationId {
    if (value.isEmpty() || value.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("OrganizationId length out of range: " + value.length());
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
