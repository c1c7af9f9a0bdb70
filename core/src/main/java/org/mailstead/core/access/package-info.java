/// Who is asking and what they may do: logins, permissions, send rights. Uses directory and
/// mailbox. Start at `Logins` and `Access`.
@NullMarked
package org.mailstead.core.access;

import org.jspecify.annotations.NullMarked;
