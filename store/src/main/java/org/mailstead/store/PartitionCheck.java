package org.mailstead.store;

/// Knows what must hold inside one kind of partition, and which blobs it refers to.
public interface PartitionCheck {
  boolean covers(PartitionId partition);

  /// Reports what is wrong, and every reference to a blob by [Findings#refersTo].
  void check(Store store, PartitionId partition, Findings findings);
}
