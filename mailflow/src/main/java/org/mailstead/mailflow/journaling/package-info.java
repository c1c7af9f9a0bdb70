/// Journal reports (JRN-1): which messages get one, and what stands in it. May use `core` and
/// `formats`; that a report is queued by the commit that accepts its message is the caller's duty.
/// Start reading at [org.mailstead.mailflow.journaling.Journaling].
@NullMarked
package org.mailstead.mailflow.journaling;

import org.jspecify.annotations.NullMarked;
