/// The words of the command line.
@NullMarked
package org.mailstead.server.command;

import org.jspecify.annotations.NullMarked;
