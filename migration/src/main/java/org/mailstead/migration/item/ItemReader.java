package org.mailstead.migration.item;

import java.io.IOException;
import java.util.Optional;

/// Reads the bytes of a list of items, in any order, fetching ahead as its mailbox likes best. For
/// one thread.
public interface ItemReader extends AutoCloseable {
  /// The next item; empty when all have been handed over. Each item of the list comes once.
  ///
  /// @throws IOException the way to the mailbox is broken: open another reader for what is left
  Optional<ReadItem> next() throws IOException;

  @Override
  void close();
}
