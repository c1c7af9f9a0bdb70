package org.mailstead.migration.transfer;

import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.migration.item.Fingerprint;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.ledger.LedgerEntry;

/// An item on its way: read, not yet acknowledged.
///
/// @param original as the source gave it; closed when the item is settled
/// @param content what is sent: the original, or a repaired form
/// @param movedFrom the entry of its old place, if it was moved within the source
record Pending(
    int folder,
    ItemSummary item,
    Content original,
    Content content,
    Fingerprint fingerprint,
    Repair repair,
    Optional<LedgerEntry> movedFrom) {
  Pending repaired(Content changed, Repair step) {
    return new Pending(folder, item, original, changed, fingerprint, step, movedFrom);
  }

  NewItem newItem() {
    return new NewItem(content, item.flags(), item.received(), Optional.of(item));
  }
}
