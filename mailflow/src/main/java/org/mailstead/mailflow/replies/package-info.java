/// Messages that a user's rules make: automatic replies, forwards. Knows `formats` and no mailbox;
/// when they are sent is decided by the caller. Start reading at
/// [org.mailstead.mailflow.replies.AutomaticReply].
@NullMarked
package org.mailstead.mailflow.replies;

import org.jspecify.annotations.NullMarked;
