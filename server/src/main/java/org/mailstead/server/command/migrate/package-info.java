/// `migrate` and its words.
@NullMarked
package org.mailstead.server.command.migrate;

import org.jspecify.annotations.NullMarked;
