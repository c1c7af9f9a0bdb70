/// SMTP and LMTP on the wire: commands, replies and message data as bytes and as records. Uses
/// `base` only; knows no session.
///
/// Start reading at [SmtpCommand] and [CommandParser].
@NullMarked
package org.mailstead.smtp.wire;

import org.jspecify.annotations.NullMarked;
