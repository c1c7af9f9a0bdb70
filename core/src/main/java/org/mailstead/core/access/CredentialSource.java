package org.mailstead.core.access;

import java.time.Duration;
import java.util.Optional;
import org.mailstead.core.directory.Lookups.LoginUser;

/// Knows secrets that stand for a user beside, or instead of, the password hash: personal access
/// tokens, passwords of a foreign directory. Asked only for users who exist and may log in, after
/// the brute-force delay, in the order of [LoginExtensions]; the first that does not say [NotMine]
/// decides.
///
/// A source holds neither the secret nor anything of it in texts.
public interface CredentialSource {
  Verdict verify(LoginUser user, String secret, Protocol protocol);

  /// Whether the password hash of the directory may be used for this user and protocol at all.
  /// Asked for remembered passwords too, so it has to answer from memory.
  default boolean allowsPassword(LoginUser user, Protocol protocol) {
    return true;
  }

  /// What a source says about a secret.
  sealed interface Verdict {}

  /// Not a secret of this source: others are asked.
  record NotMine() implements Verdict {}

  /// @param tokenId which token it was, for logs
  /// @param rememberFor how long it may be trusted without asking again, at most
  ///   [LoginLimits#rememberFor]; zero asks each time
  record Right(Optional<String> tokenId, Duration rememberFor) implements Verdict {}

  /// @param cause for logs
  /// @param tokenId which token it was, if it is known but expired or not in force
  record Wrong(String cause, Optional<String> tokenId) implements Verdict {}

  /// The source cannot be asked now; the peer hears a temporary error.
  ///
  /// @param cause for logs
  record Unavailable(String cause, Duration retryAfter) implements Verdict {}
}
