/// Commits of small partitions (directory, organization, account, claim, audit) and effects written
/// in the same commit as their cause, carried out after it, at least once (design §3). Uses the
/// store only. Start at `Outbox`.
@NullMarked
package org.mailstead.core.outbox;

import org.jspecify.annotations.NullMarked;
