/// Certificates: self-made at the first start, reloaded without a restart.
@NullMarked
package org.mailstead.server.tls;

import org.jspecify.annotations.NullMarked;
