package org.mailstead.migration.transfer;

import java.io.IOException;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.ItemSummary;

/// Where items are kept that cannot be moved, with the reason.
@FunctionalInterface
public interface Quarantine {
  /// Durable when it returns; keeping an item twice is keeping it once.
  ///
  /// @param content empty if the source cannot give it
  void keep(FolderPath folder, ItemSummary item, Optional<Content> content, String reason)
      throws IOException;
}
