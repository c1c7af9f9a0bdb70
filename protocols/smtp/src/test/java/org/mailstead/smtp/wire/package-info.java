/// Tests.
@NullMarked
package org.mailstead.smtp.wire;

import org.jspecify.annotations.NullMarked;
