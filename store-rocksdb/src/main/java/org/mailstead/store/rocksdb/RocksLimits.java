package org.mailstead.store.rocksdb;

/// What bounds the store's own use of threads and memory. The bounds of keys, rows and commits are
/// in [org.mailstead.store.WriteBatch].
final class RocksLimits {
  /// Native reads at once: each holds its carrier thread.
  static final int READS_MAX = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  /// Commits that share one sync.
  static final int GROUP_COUNT_MAX = 1024;

  /// Octets of the commits that share one sync; a single larger one goes alone.
  static final long GROUP_BYTES_MAX = 8L << 20;

  /// Blob octets that share one sync; a single larger put goes alone.
  static final long BLOB_GROUP_BYTES_MAX = 64L << 20;

  /// Index and holder rows that wait for a commit to ride with, before they are written without
  /// one.
  static final int UNURGENT_MAX = 20_000;

  /// Partition names remembered with their numbers.
  static final int NAMES_CACHED_MAX = 100_000;

  /// Partition versions remembered by the commit thread.
  static final int VERSIONS_CACHED_MAX = 16_384;

  /// Segment files open for reading.
  static final int SEGMENTS_OPEN_MAX = 128;

  /// Live octets copied by one sweep.
  static final long COMPACTED_BYTES_MAX = 1L << 30;

  private RocksLimits() {}
}
