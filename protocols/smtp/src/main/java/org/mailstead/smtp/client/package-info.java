/// The SMTP and LMTP client of the outbound queue and of tests. Start reading at [SmtpClient].
@NullMarked
package org.mailstead.smtp.client;

import org.jspecify.annotations.NullMarked;
