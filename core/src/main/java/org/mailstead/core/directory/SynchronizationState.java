package org.mailstead.core.directory;

import java.time.Instant;
import java.util.Optional;

/// How the synchronization of an organization with its connected directory stands.
///
/// @param isFull whether the one that is under way, or the last one, compared everything
/// @param started of the one that is under way, or of the last one
/// @param ended of the last one, whether it succeeded or not; empty while one is under way
/// @param succeeded of the last one that did
/// @param next when the next one begins by itself
/// @param read users and groups in the directory, at the last success; the other counts likewise
/// @param error why the last one failed
public record SynchronizationState(
    Phase phase,
    boolean isFull,
    Optional<Instant> started,
    Optional<Instant> ended,
    Optional<Instant> succeeded,
    Optional<Instant> next,
    int read,
    int created,
    int updated,
    int removed,
    Optional<String> error) {
  public static final SynchronizationState NEVER =
      new SynchronizationState(
          Phase.NEVER_RUN,
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          0,
          0,
          0,
          Optional.empty());

  public enum Phase {
    NEVER_RUN,
    RUNNING,
    SUCCEEDED,
    FAILED
  }
}
