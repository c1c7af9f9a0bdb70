/// The program: wiring, start and stop, ready file. Start reading at `Service`; `Domain` and
/// `Listeners` join the other modules.
@NullMarked
package org.mailstead.server;

import org.jspecify.annotations.NullMarked;
