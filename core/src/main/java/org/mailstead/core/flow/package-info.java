/// Messages on their way, for the message-flow API: their contents for a day, and what took their
/// place. Mail flow registers messages and reads back replacements; the API reads and replaces.
///
/// Start reading at [FlowMessages].
@NullMarked
package org.mailstead.core.flow;

import org.jspecify.annotations.NullMarked;
