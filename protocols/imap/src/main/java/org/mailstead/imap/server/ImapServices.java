package org.mailstead.imap.server;

import java.time.InstantSource;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.imap.wire.BufferPool;
import org.mailstead.imap.wire.ImapLimits;

/// What all sessions of a server share.
///
/// @param bug called for each command that ends in an error of ours
/// @param accesses hears what users do with mailboxes; empty: nobody wants to know
record ImapServices(
    ImapSettings settings,
    ImapLogin login,
    Mailboxes mailboxes,
    ImapSharing sharing,
    InstantSource clock,
    ContentSpool spool,
    BufferPool buffers,
    MessageKeys keys,
    RecentMarks recent,
    Runnable bug,
    Optional<ImapAccess.Listener> accesses) {
  ImapLimits limits() {
    return settings.limits();
  }
}
