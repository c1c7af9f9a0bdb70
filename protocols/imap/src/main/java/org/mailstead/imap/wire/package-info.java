/// IMAP's grammar: bytes to command records and response bytes, nothing of sessions or mailboxes.
/// May use `base` and `formats`. Start at [org.mailstead.imap.wire.CommandParser] and
/// [org.mailstead.imap.wire.ImapCommand].
@NullMarked
package org.mailstead.imap.wire;

import org.jspecify.annotations.NullMarked;
