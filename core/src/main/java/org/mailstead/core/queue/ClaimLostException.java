package org.mailstead.core.queue;

/// Somebody else took the entry over, because the claim was not renewed in time. Whoever gets this
/// stops working on the entry; the new holder goes on.
public final class ClaimLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClaimLostException(QueueId id) {
    super("the claim on queue entry " + id + " is lost", null, false, false);
  }
}
