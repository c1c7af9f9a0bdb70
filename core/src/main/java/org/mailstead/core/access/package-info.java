/// Who is asking and what they may do: logins, permissions, send rights. Start at `Logins`.
@NullMarked
package org.mailstead.core.access;

import org.jspecify.annotations.NullMarked;
