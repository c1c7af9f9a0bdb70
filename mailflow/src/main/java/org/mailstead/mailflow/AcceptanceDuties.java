package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;

/// What the commit that accepts a message does besides: counts its recipients, queues its journal
/// reports, calls functions. Each can be left out, in tests.
///
/// @param functions those of Run Lambda rules
public record AcceptanceDuties(
    Optional<SendingLimits> limits,
    Optional<Journaling> journaling,
    Optional<FunctionCalls> functions) {
  public AcceptanceDuties(Optional<SendingLimits> limits, Optional<Journaling> journaling) {
    this(limits, journaling, Optional.empty());
  }

  public static AcceptanceDuties none() {
    return new AcceptanceDuties(Optional.empty(), Optional.empty());
  }
}
