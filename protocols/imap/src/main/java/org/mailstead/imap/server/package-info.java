/// The IMAP server: sessions, their state, and one handler per command family. May use `wire` and
/// `core`. Start at [org.mailstead.imap.server.ImapSession].
@NullMarked
package org.mailstead.imap.server;

import org.jspecify.annotations.NullMarked;
