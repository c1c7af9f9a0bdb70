/// Keys that an organization signs its mail with. May use `core.directory`, `core.keys` and
/// `core.outbox`. Start reading at [DkimKeys].
@NullMarked
package org.mailstead.core.signing;

import org.jspecify.annotations.NullMarked;
