package org.mailstead.core.directory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EntityId;

/// A secret that stands for a user's password in a mail client, without the secret.
///
/// @param lastUsed to the hour
/// @param scopes protocols that it works for, by the names of access control rules (`IMAP`)
public record PersonalAccessToken(
    String id,
    EntityId user,
    String name,
    Instant created,
    Instant expires,
    Optional<Instant> lastUsed,
    List<String> scopes) {
  public PersonalAccessToken {
    scopes = List.copyOf(scopes);
  }

  /// What is shown once.
  public record WithSecret(PersonalAccessToken token, String secret) {
    @Override
    public String toString() {
      return "WithSecret[" + token.id + "]";
    }
  }
}
