@NullMarked
package org.mailstead.core.domains;

import org.jspecify.annotations.NullMarked;
