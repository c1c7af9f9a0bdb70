package org.mailstead.store.rocksdb;

import java.nio.file.Path;

/// Where the store lives and how much it may use.
///
/// @param folder the data folder; made if it does not exist
/// @param cacheBytes memory for blocks that were read and rows not yet in table files, together
/// @param segmentBytes a blob segment that has grown to this is closed and the next one begun
public record RocksSettings(Path folder, long cacheBytes, long segmentBytes) {
  public static final long CACHE_BYTES_MIN = 16L << 20;
  public static final long CACHE_BYTES_USUAL = 64L << 20;
  public static final long SEGMENT_BYTES_MIN = 1L << 16;
  public static final long SEGMENT_BYTES_USUAL = 256L << 20;

  public RocksSettings {
    if (cacheBytes < CACHE_BYTES_MIN) {
      throw new IllegalArgumentException("cache of " + cacheBytes + " octets is too small");
    }
    if (segmentBytes < SEGMENT_BYTES_MIN) {
      throw new IllegalArgumentException("segments of " + segmentBytes + " octets are too small");
    }
  }

  public static RocksSettings in(Path folder) {
    return new RocksSettings(folder, CACHE_BYTES_USUAL, SEGMENT_BYTES_USUAL);
  }
}
