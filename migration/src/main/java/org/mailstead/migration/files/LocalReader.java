package org.mailstead.migration.files;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ReadItem;

/// Reads items one after the other.
final class LocalReader implements ItemReader {
  /// The octets of an item; empty if it is not there any more.
  @FunctionalInterface
  interface Opening {
    Optional<Content> open(ItemSummary item) throws IOException;
  }

  private final Iterator<ItemSummary> items;
  private final Opening opening;

  LocalReader(List<ItemSummary> items, Opening opening) {
    this.items = items.iterator();
    this.opening = opening;
  }

  @Override
  public Optional<ReadItem> next() {
    if (!items.hasNext()) return Optional.empty();
    ItemSummary item = items.next();
    try {
      Optional<Content> content = opening.open(item);
      if (content.isEmpty()) return Optional.of(new ReadItem.Missing(item));
      return Optional.of(new ReadItem.Found(item, content.get()));
    } catch (IOException e) {
      // A file that cannot be read now cannot be read in a second try either.
      return Optional.of(new ReadItem.Unreadable(item, String.valueOf(e.getMessage())));
    }
  }

  @Override
  public void close() {}
}
