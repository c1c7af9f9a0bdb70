/// Mailboxes behind IMAP servers: our own pipelined client, several connections, the habits of
/// providers. Start at [org.mailstead.migration.imap.ImapMailbox]. May use `imap.client`.
@NullMarked
package org.mailstead.migration.imap;

import org.jspecify.annotations.NullMarked;
