package org.mailstead.migration.item;

import java.time.Instant;
import java.util.Set;
import org.mailstead.base.Content;

/// An item to write. The content stays the caller's.
///
/// @param received the received date; [ItemSummary#NO_DATE] lets the target choose
public record NewItem(Content content, Set<String> flags, Instant received) {}
