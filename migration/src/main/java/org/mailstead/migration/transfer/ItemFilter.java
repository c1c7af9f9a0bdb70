package org.mailstead.migration.transfer;

import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.migration.item.ItemSummary;

/// Which items are left out on purpose.
public interface ItemFilter {
  /// The reason to leave an item out, by what is known without its octets.
  Optional<String> leaveOut(FolderPair folder, ItemSummary item);

  /// The reason to leave it out, by its octets.
  Optional<String> leaveOut(FolderPair folder, ItemSummary item, Content content);

  /// Leaves nothing out.
  static ItemFilter none() {
    return new ItemFilter() {
      @Override
      public Optional<String> leaveOut(FolderPair folder, ItemSummary item) {
        return Optional.empty();
      }

      @Override
      public Optional<String> leaveOut(FolderPair folder, ItemSummary item, Content content) {
        return Optional.empty();
      }
    };
  }
}
