/// Tests.
@NullMarked
package org.mailstead.smtp.client;

import org.jspecify.annotations.NullMarked;
