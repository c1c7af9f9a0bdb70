/// The DNS records of mail domains: which ones are wanted, what the DNS said when it was asked, and
/// what follows from that. May use `core.directory`, `core.policy` and `core.signing`; asks the DNS
/// through [RecordInspection] and writes through [ZoneEditor], which others implement. Start
/// reading at [MailDomainChecks].
@NullMarked
package org.mailstead.core.domains;

import org.jspecify.annotations.NullMarked;
