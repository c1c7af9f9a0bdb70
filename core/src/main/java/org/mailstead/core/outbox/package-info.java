/// Effects written in the same commit as their cause, carried out after it, at least once.
@NullMarked
package org.mailstead.core.outbox;

import org.jspecify.annotations.NullMarked;
