/// The limits on recipients (LIM-3): how many people a user and an account may write to in a day.
/// May use `core`; knows of SMTP only the verdict that it gives. Start reading at
/// [org.mailstead.mailflow.limits.SendingLimits].
@NullMarked
package org.mailstead.mailflow.limits;

import org.jspecify.annotations.NullMarked;
