package org.mailstead.workmail.server;

import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.core.trace.MessageTrace;

/// What the operations on the mail queue, and on mail rules in mailboxes, work with.
///
/// @param trace what became of messages
/// @param maxima the limits on recipients that are in force
public record QueueServices(
    MailQueue queue,
    QueueStatus status,
    SendingMaxima maxima,
    MessageTrace trace,
    Mailboxes mailboxes) {}
