/// Tests of the grammar.
@NullMarked
package org.mailstead.imap.wire;

import org.jspecify.annotations.NullMarked;
