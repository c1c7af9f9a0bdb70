package org.mailstead.mailflow;

import org.mailstead.core.logs.LogRecord;

/// Hears what becomes of mail (WorkMail's e-mail events). It runs on the threads of sessions and of
/// the queue: it must neither wait nor throw.
@FunctionalInterface
public interface MailEventListener {
  void happened(LogRecord.Email record);
}
