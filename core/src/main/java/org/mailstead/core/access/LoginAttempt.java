package org.mailstead.core.access;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;

/// One attempt to log in and how it ended, for logs.
///
/// @param name as the peer wrote it, cut to [LoginLimits#NAME_CHARS_MAX]
/// @param organization of the address, if it is a user's
/// @param user the user of the address
/// @param actingAs the user as whom a migration administrator wanted to act
/// @param tokenId the token that was presented, if it was one
/// @param decision what the access policy said; empty when it was not asked
public record LoginAttempt(
    Instant time,
    String name,
    Optional<OrganizationId> organization,
    Optional<EntityId> user,
    Optional<EntityId> actingAs,
    Protocol protocol,
    InetAddress peer,
    Method method,
    Optional<String> tokenId,
    Optional<AccessDecision> decision,
    Outcome outcome) {

  /// What the secret was checked against.
  public enum Method {
    /// The password hash of the directory, or nothing.
    PASSWORD,
    /// A [CredentialSource].
    SOURCE,
    /// It was verified before, and known still.
    REMEMBERED
  }

  public enum Outcome {
    SUCCEEDED,
    /// Name or secret are longer than any can be.
    TOO_LONG,
    UNKNOWN_USER,
    /// Disabled, not a mail user, or without a mailbox.
    NOT_ENABLED,
    WRONG_SECRET,
    /// The access policy refused.
    ACCESS_DENIED,
    /// The user may not act as the one named.
    NOT_AUTHORIZED,
    /// What verifies the secret cannot be asked.
    UNAVAILABLE;

    /// Whether name and secret were right, whatever came after.
    public boolean isAuthenticated() {
      return switch (this) {
        case SUCCEEDED, ACCESS_DENIED, NOT_AUTHORIZED -> true;
        case TOO_LONG, UNKNOWN_USER, NOT_ENABLED, WRONG_SECRET, UNAVAILABLE -> false;
      };
    }
  }
}
