package org.mailstead.migration.item;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;

/// An item to write. The content stays the caller's.
///
/// @param received the received date; [ItemSummary#NO_DATE] lets the target choose
/// @param origin the item at the source, for targets that can keep its number
public record NewItem(
    Content content, Set<String> flags, Instant received, Optional<ItemSummary> origin) {
  public NewItem(Content content, Set<String> flags, Instant received) {
    this(content, flags, received, Optional.empty());
  }
}
