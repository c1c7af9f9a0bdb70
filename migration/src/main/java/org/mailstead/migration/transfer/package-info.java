/// Carries one mailbox over: survey, copy, settle, remove, verify. Start at
/// [org.mailstead.migration.transfer.MailboxTransfer]. May use `base`, `formats`, `migration.item`
/// and `migration.ledger`; knows no protocol.
@NullMarked
package org.mailstead.migration.transfer;

import org.jspecify.annotations.NullMarked;
