/// What looks into messages before they are accepted: connectors to virus scanners, spam filters
/// and milters, the built-in spam filter, and the header fields in which their words stay with a
/// message. May use `core.spam`, the DNS facade and the SMTP server's public types; touches no
/// store. Start reading at [MessageFilters].
@NullMarked
package org.mailstead.mailflow.filter;

import org.jspecify.annotations.NullMarked;
