/// Figures about mail: what this service counted and owes other domains a report on
/// ([DailyCounts]), what others reported about ours ([ReportFigures]), and the policies of other
/// domains that must outlive a restart ([RememberedPolicies]). Small partitions with bounds. May
/// use `core.outbox` and `core.directory`. Start reading at [DailyCounts].
@NullMarked
package org.mailstead.core.reports;

import org.jspecify.annotations.NullMarked;
