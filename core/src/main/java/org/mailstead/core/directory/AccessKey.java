package org.mailstead.core.directory;

import java.time.Instant;
import java.util.Optional;

/// An access key without its secret.
///
/// @param userName who it belongs to inside the account; empty for the account's root
/// @param lastUsed within the last quarter of an hour exact, otherwise rounded to it
public record AccessKey(
    String id,
    AccountId account,
    Optional<String> userName,
    boolean active,
    Instant created,
    Optional<Instant> lastUsed) {

  /// A key as it is shown once, when it is made.
  public record WithSecret(AccessKey key, String secret) {
    @Override
    public String toString() {
      return "WithSecret[" + key.id() + ", ***]";
    }
  }
}
