package org.mailstead.core.queue;

import java.time.Instant;

/// How far delivery to one recipient has come.
///
/// @param attempts finished attempts
/// @param nextAttempt when to try (again); meaningless when not pending
/// @param delayReported whether the sender was told that it takes long
/// @param lastReply what the last attempt ended with; empty before the first
public record RecipientState(
    Status status, int attempts, Instant nextAttempt, boolean delayReported, String lastReply) {
  public enum Status {
    PENDING,
    DELIVERED,
    FAILED
  }

  public static RecipientState fresh(Instant received) {
    return new RecipientState(Status.PENDING, 0, received, false, "");
  }

  public boolean isPending() {
    return status == Status.PENDING;
  }

  public RecipientState delivered(String reply) {
    return new RecipientState(Status.DELIVERED, attempts + 1, nextAttempt, delayReported, reply);
  }

  public RecipientState failed(String reply) {
    return new RecipientState(Status.FAILED, attempts + 1, nextAttempt, delayReported, reply);
  }

  public RecipientState retried(Instant next, String reply) {
    return new RecipientState(Status.PENDING, attempts + 1, next, delayReported, reply);
  }

  public RecipientState withDelayReported() {
    return new RecipientState(status, attempts, nextAttempt, true, lastReply);
  }
}
