package org.mailstead.store.rocksdb;

/// The moments at which tests crash the process, to show that each is safe. In production nobody
/// listens.
enum Step {
  BLOB_WRITTEN,
  BLOB_SYNCED,
  BLOB_INDEX_QUEUED,
  GROUP_PREPARED,
  GROUP_WRITTEN,
  GROUP_SYNCED,
  SEGMENT_BEGUN,
  SWEEP_MARKED,
  SWEEP_REMOVED,
  COPY_SYNCED,
  COPY_SWITCHED,
  SEGMENT_DELETED,
  LOAD_ROWS_WRITTEN,
  LOAD_PUBLISHED,
  DROPPED;

  /// Hears that a step was reached.
  @FunctionalInterface
  interface Listener {
    void reached(Step step);
  }
}
