/// The program: wiring, start and stop, ready file. Start reading at `Service` and `Wiring`.
@NullMarked
package org.mailstead.server;

import org.jspecify.annotations.NullMarked;
