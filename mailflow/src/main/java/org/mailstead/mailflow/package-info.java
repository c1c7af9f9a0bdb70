/// What happens to mail between the SMTP listeners and the mailboxes, and on its way out:
/// reception, local and remote delivery, the queue's runner, reports. May use `core`, `formats` and
/// the SMTP server's and client's public types; touches no store. Start reading at [Mailflow].
@NullMarked
package org.mailstead.mailflow;

import org.jspecify.annotations.NullMarked;
