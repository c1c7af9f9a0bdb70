package org.mailstead.core.keys;

import java.time.Duration;
import org.mailstead.base.UnavailableException;

/// A customer has withdrawn a key. What it protects is unavailable until it is back; to peers this
/// is the same as a service that is away, but nothing of it is kept in memory any longer.
public final class RevokedKeyException extends UnavailableException {
  private static final long serialVersionUID = 1L;
  private static final Duration RETRY = Duration.ofMinutes(1);

  public RevokedKeyException(String text) {
    super(text, RETRY);
  }
}
