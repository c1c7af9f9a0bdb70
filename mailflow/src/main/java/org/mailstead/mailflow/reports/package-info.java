/// Reports between mail servers: on DMARC (RFC 9990) and on encryption (RFC 8460). What others are
/// told about mail in their names and about the way to them is counted by day and sent the day
/// after; what others tell us is read into figures. May use `core`, `formats`, `mailflow.dmarc`,
/// `mailflow.dns`. Start reading at [org.mailstead.mailflow.reports.MailReports].
@NullMarked
package org.mailstead.mailflow.reports;

import org.jspecify.annotations.NullMarked;
