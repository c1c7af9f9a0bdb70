package org.mailstead.base;

/// A mailbox. A user's first mailbox has the id of its entity; a later one (re-created user) its
/// own.
public record MailboxId(String value) {
  public static final int LENGTH_MAX = 64;

  public MailboxId {
    if (value.isEmpty() || value.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("MailboxId length out of range: " + value.length());
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
