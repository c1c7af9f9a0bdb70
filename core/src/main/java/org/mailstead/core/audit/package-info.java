/// CloudTrail-shaped records of what administrators did (JRN-2).
@NullMarked
package org.mailstead.core.audit;

import org.jspecify.annotations.NullMarked;
