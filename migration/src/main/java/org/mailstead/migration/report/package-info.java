/// What a migration has done, told from its ledgers: as JSON and as a page for people. Start at
/// [org.mailstead.migration.report.Report].
@NullMarked
package org.mailstead.migration.report;

import org.jspecify.annotations.NullMarked;
