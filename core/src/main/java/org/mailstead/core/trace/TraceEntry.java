package org.mailstead.core.trace;

import java.time.Instant;
import org.mailstead.base.OrganizationId;

/// What is told of a message.
public sealed interface TraceEntry {
  OrganizationId organization();

  /// When: it is kept with its day.
  Instant time();

  /// A message has arrived. Once for each organization that sees it.
  record Arrived(OrganizationId organization, TraceSummary summary) implements TraceEntry {
    @Override
    public Instant time() {
      return summary.received();
    }
  }

  /// @param message its id, as [TraceSummary#id]
  record Happened(OrganizationId organization, String message, TraceEvent event)
      implements TraceEntry {
    @Override
    public Instant time() {
      return event.time();
    }
  }
}
