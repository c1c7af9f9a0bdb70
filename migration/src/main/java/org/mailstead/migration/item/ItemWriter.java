package org.mailstead.migration.item;

import java.io.IOException;
import java.util.List;

/// Writes items into one folder, several batches under way at once. For one thread.
public interface ItemWriter extends AutoCloseable {
  /// Batches that may be sent before the first answer is received.
  int batchesInFlightMax();

  /// Sends a batch of at least one item.
  ///
  /// @throws IOException the way to the target is broken; whether the batches without an answer are
  ///   written is not known
  void send(List<NewItem> batch) throws IOException;

  /// The results of the oldest batch without an answer, one for each of its items in order.
  List<WriteResult> receive() throws IOException;

  @Override
  void close();
}
