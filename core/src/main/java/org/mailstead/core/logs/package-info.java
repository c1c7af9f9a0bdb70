/// WorkMail's own logs: what users did with mailboxes, how they logged in, what became of mail; as
/// lines of JSON in files. Nothing here may hold a session up. Start at `WorkMailLogs`.
@NullMarked
package org.mailstead.core.logs;

import org.jspecify.annotations.NullMarked;
