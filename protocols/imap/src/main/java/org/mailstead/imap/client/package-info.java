/// An IMAP client for tests and for migration. May use `wire`. Start at
/// [org.mailstead.imap.client.ImapClient].
@NullMarked
package org.mailstead.imap.client;

import org.jspecify.annotations.NullMarked;
