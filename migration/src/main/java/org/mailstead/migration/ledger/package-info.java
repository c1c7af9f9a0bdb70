/// What was intended, written and verified, item by item: durable, portable, one file for each pair
/// of mailboxes. Start at [org.mailstead.migration.ledger.Ledger]. May use `base` and
/// `migration.item`.
@NullMarked
package org.mailstead.migration.ledger;

import org.jspecify.annotations.NullMarked;
