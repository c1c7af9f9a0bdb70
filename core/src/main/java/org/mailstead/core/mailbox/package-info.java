/// Mail items in folders of a mailbox: the heart. Uses `keys`, `content`, `search`, `formats` and
/// the store. Start at [Mailboxes] and [Mailbox].
@NullMarked
package org.mailstead.core.mailbox;

import org.jspecify.annotations.NullMarked;
