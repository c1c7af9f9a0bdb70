package org.mailstead.store;

import java.time.Duration;
import org.mailstead.base.UnavailableException;

/// The answer to a commit was lost: [Store#outcome] settles whether it happened.
public final class UnknownOutcomeException extends UnavailableException {
  private static final long serialVersionUID = 1L;

  public UnknownOutcomeException(PartitionId partition, Throwable cause) {
    super("outcome of a commit to " + partition + " is unknown", Duration.ofSeconds(1), cause);
  }
}
