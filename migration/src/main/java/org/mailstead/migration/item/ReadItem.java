package org.mailstead.migration.item;

import org.mailstead.base.Content;

/// The outcome of reading one item.
public sealed interface ReadItem {
  ItemSummary summary();

  /// The reader's user closes the content.
  record Found(ItemSummary summary, Content content) implements ReadItem {}

  /// It went away since the listing.
  record Missing(ItemSummary summary) implements ReadItem {}

  /// The mailbox lists it but cannot give it, now and later.
  record Unreadable(ItemSummary summary, String reason) implements ReadItem {}
}
