/// Ids, addresses, contents and the four failure kinds. Uses the JDK only; everything may use it.
///
/// Start reading at [Refusal] and [Content].
@NullMarked
package org.mailstead.base;

import org.jspecify.annotations.NullMarked;
