package org.mailstead.base;

/// Why the domain says no. Every protocol maps each constant to its own code, by a switch without
/// default.
public enum Refusal {
  /// The thing asked for does not exist, or is not the asker's to know.
  NOT_FOUND,
  /// A name, address or alias is taken.
  ALREADY_EXISTS,
  /// The asker is known but may not do this.
  FORBIDDEN,
  /// Wrong name or password; also a disabled user, so that nobody can tell which.
  AUTHENTICATION_FAILED,
  /// The mailbox would exceed its quota.
  OVER_QUOTA,
  /// One thing is larger than its limit.
  TOO_LARGE,
  /// A count is at its limit.
  LIMIT_REACHED,
  /// The request makes no sense as it stands: the text says which part.
  INVALID,
  /// The entity, domain or organization is in a state that does not allow this.
  WRONG_STATE,
  /// Something still uses the thing that is to be removed.
  IN_USE,
  /// The name is kept for the system.
  RESERVED,
  /// Known, but not built or not possible here.
  NOT_SUPPORTED
}
