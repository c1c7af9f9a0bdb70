/// Encrypted contents: message bytes on their way from a connection into queue and mailboxes. Uses
/// `keys` and the store's blobs. Start at [Contents].
@NullMarked
package org.mailstead.core.content;

import org.jspecify.annotations.NullMarked;
