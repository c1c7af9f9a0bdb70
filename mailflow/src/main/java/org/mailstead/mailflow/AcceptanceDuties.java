package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.reports.MailReports;

/// What the commit that accepts a message does besides: counts its recipients, queues its journal
/// reports, calls functions; and what is counted for reports to other domains. Each can be left
/// out, in tests.
///
/// @param functions those of Run Lambda rules
public record AcceptanceDuties(
    Optional<SendingLimits> limits,
    Optional<Journaling> journaling,
    Optional<FunctionCalls> functions,
    Optional<MailReports> reports) {
  public AcceptanceDuties(Optional<SendingLimits> limits, Optional<Journaling> journaling) {
    this(limits, journaling, Optional.empty(), Optional.empty());
  }

  public static AcceptanceDuties none() {
    return new AcceptanceDuties(Optional.empty(), Optional.empty());
  }

  public AcceptanceDuties with(MailReports value) {
    return new AcceptanceDuties(limits, journaling, functions, Optional.of(value));
  }
}
