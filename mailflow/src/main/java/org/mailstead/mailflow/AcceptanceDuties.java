package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;

/// What the commit that accepts a message does besides: counts its recipients, queues its journal
/// reports. Each can be left out, in tests.
public record AcceptanceDuties(Optional<SendingLimits> limits, Optional<Journaling> journaling) {
  public static AcceptanceDuties none() {
    return new AcceptanceDuties(Optional.empty(), Optional.empty());
  }
}
