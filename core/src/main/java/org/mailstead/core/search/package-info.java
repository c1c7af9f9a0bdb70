/// Full-text search: one Lucene index per mailbox, encrypted, fed off the delivery path. It answers
/// with a superset of the messages that match, so that IMAP's substring semantics hold: whoever
/// asks verifies the candidates. The index is derived data: it may be deleted at any time and is
/// built again. Uses `keys` and Lucene. Start reading at [TextIndexes].
@NullMarked
package org.mailstead.core.search;

import org.jspecify.annotations.NullMarked;
