/// Many mailboxes at once: opening both ends, running, watching, verifying, reporting. Start at
/// [org.mailstead.migration.run.MigrationRun].
@NullMarked
package org.mailstead.migration.run;

import org.jspecify.annotations.NullMarked;
