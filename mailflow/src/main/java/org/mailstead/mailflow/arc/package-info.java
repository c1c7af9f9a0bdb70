/// The Authenticated Received Chain, RFC 8617: what each server on the way found out, sealed by it.
/// Start reading at [ArcVerifier] and [ArcSealer].
@NullMarked
package org.mailstead.mailflow.arc;

import org.jspecify.annotations.NullMarked;
