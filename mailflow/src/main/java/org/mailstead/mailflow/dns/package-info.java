/// Questions to the DNS: one door for all of mail flow, with bounds on time, number and memory. The
/// only package that sees dnsjava. Start reading at [DnsResolver].
@NullMarked
package org.mailstead.mailflow.dns;

import org.jspecify.annotations.NullMarked;
