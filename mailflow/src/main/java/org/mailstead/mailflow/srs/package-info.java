/// Reverse paths of redirected mail (SRS): rewritten so that SPF holds and bounces come back, and
/// taken apart again. May use `core`. Start reading at
/// [org.mailstead.mailflow.srs.SenderRewriting].
@NullMarked
package org.mailstead.mailflow.srs;

import org.jspecify.annotations.NullMarked;
