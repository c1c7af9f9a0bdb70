/// The SMTP server (RFC 5321), submission server (RFC 6409) and LMTP server (RFC 2033). What
/// becomes of a message is decided behind [Reception], which mailflow implements.
///
/// Start reading at [SmtpServer].
@NullMarked
package org.mailstead.smtp.server;

import org.jspecify.annotations.NullMarked;
