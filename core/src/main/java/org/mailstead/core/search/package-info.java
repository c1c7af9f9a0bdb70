/// Full-text search in one mailbox.
@NullMarked
package org.mailstead.core.search;

import org.jspecify.annotations.NullMarked;
