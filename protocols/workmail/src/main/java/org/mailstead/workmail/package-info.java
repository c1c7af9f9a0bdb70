/// The WorkMail API: AWS JSON 1.1 and Signature Version 4. `wire` holds bytes, signatures and
/// shapes, `server` the operations, `client` our own caller and its command line.
@NullMarked
package org.mailstead.workmail;

import org.jspecify.annotations.NullMarked;
