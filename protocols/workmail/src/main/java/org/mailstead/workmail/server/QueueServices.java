package org.mailstead.workmail.server;

import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.SendingMaxima;

/// What the operations on the mail queue, and on mail rules in mailboxes, work with.
///
/// @param maxima the limits on recipients that are in force
public record QueueServices(
    MailQueue queue, QueueStatus status, SendingMaxima maxima, Mailboxes mailboxes) {}
