/// The local control socket, by which commands reach a running service.
@NullMarked
package org.mailstead.server.control;

import org.jspecify.annotations.NullMarked;
