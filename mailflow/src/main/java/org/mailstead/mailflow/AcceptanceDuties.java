package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.reports.MailReports;

/// What the commit that accepts a message does besides: counts its recipients, queues its journal
/// reports; and what is counted for reports to other domains. Each can be left out, in tests.
public record AcceptanceDuties(
    Optional<SendingLimits> limits,
    Optional<Journaling> journaling,
    Optional<MailReports> reports) {
  public AcceptanceDuties(Optional<SendingLimits> limits, Optional<Journaling> journaling) {
    this(limits, journaling, Optional.empty());
  }

  public static AcceptanceDuties none() {
    return new AcceptanceDuties(Optional.empty(), Optional.empty());
  }

  public AcceptanceDuties with(MailReports value) {
    return new AcceptanceDuties(limits, journaling, Optional.of(value));
  }
}
