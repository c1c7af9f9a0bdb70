/// Tests.
@NullMarked
package org.mailstead.smtp.server;

import org.jspecify.annotations.NullMarked;
