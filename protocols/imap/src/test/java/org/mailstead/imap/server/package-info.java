/// Tests of the server over real mailboxes in memory.
@NullMarked
package org.mailstead.imap.server;

import org.jspecify.annotations.NullMarked;
