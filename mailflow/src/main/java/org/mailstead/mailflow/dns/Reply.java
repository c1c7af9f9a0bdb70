package org.mailstead.mailflow.dns;

import java.util.List;
import org.xbill.DNS.Record;

/// What one question led to, aliases followed, before it is told in our own terms.
///
/// @param exists false: NXDOMAIN
record Reply(List<Record> records, boolean exists, DnsAnswer.Security security) {}
