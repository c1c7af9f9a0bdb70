package org.mailstead.store.backup;

import org.mailstead.store.PartitionId;

/// Hears how a backup or restore gets on.
public interface BackupListener {
  /// Nobody listens.
  BackupListener NONE = (partition, donePartitions, doneBlobs) -> {};

  /// A partition is done, with the blobs that it holds.
  void done(PartitionId partition, long donePartitions, long doneBlobs);
}
