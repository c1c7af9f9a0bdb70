/// What is to be moved where: the settings file, folder mapping, filters, and the plan that is
/// shown before anything changes. Start at [org.mailstead.migration.plan.MigrationSettings].
@NullMarked
package org.mailstead.migration.plan;

import org.jspecify.annotations.NullMarked;
