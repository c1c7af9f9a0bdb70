/// Mailboxes as archives that open without us: a zip of messages in folders. Export jobs of the
/// WorkMail API and the operator's `export` write the same archive. Uses mailboxes and the
/// organization's records; where archives go is the caller's ([ExportTargets]).
///
/// Start reading at [Exports] and [MailboxArchive].
@NullMarked
package org.mailstead.core.export;

import org.jspecify.annotations.NullMarked;
