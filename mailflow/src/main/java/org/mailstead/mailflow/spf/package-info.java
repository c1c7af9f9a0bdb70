/// Whether a server may send mail for a domain: the Sender Policy Framework, RFC 7208. Asks the DNS
/// through `mailflow.dns` and knows nothing else. Start reading at [SpfEvaluator].
@NullMarked
package org.mailstead.mailflow.spf;

import org.jspecify.annotations.NullMarked;
