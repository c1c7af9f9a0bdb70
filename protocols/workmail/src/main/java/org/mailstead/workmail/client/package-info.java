/// Our own caller of the WorkMail API and the command line made from the API's model. Knows wire.
///
/// Start reading at [WorkMailClient] and [WorkMailCli].
@NullMarked
package org.mailstead.workmail.client;

import org.jspecify.annotations.NullMarked;
