package org.mailstead.core.directory;

/// An account: twelve digits. It owns access keys and organizations.
public record AccountId(String value) {
  public AccountId {
    if (value.length() != 12 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("an account id has twelve digits");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
