/// The operations of the WorkMail API: signature, access policy, handler, audit record. Knows wire
/// and core.
///
/// Start reading at [WorkMailApi], then [Operations].
@NullMarked
package org.mailstead.workmail.server;

import org.jspecify.annotations.NullMarked;
