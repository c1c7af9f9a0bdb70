package org.mailstead.mailflow;

import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.trace.TraceEntry;

/// Hears what becomes of mail (WorkMail's e-mail events). It runs on the threads of sessions and of
/// the queue: it must neither wait nor throw.
@FunctionalInterface
public interface MailEventListener {
  void happened(LogRecord.Email record);

  /// Whether [#traced] does something, so that nobody gathers entries for nothing.
  default boolean isTracing() {
    return true;
  }

  /// More than the e-mail events tell, for message traces.
  default void traced(TraceEntry entry) {}
}
