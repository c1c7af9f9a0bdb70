/// What the author's domain wants done with mail that it does not vouch for: DMARC, RFC 9989. Start
/// reading at [DmarcEvaluator].
@NullMarked
package org.mailstead.mailflow.dmarc;

import org.jspecify.annotations.NullMarked;
