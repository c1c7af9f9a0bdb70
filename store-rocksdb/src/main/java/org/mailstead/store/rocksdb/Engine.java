package org.mailstead.store.rocksdb;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Invariant;
import org.mailstead.base.UnavailableException;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBufferManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// RocksDB, opened with our column families, and the gate before it. A native call holds the
/// carrier thread of the virtual thread that makes it, so only so many reads run at once; writes
/// come from the commit thread alone. Closing and reopening wait until no read is inside.
final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final long WRITE_BUFFERS_BYTES_MAX = 32L << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final Path folder;
  private final Semaphore permits = new Semaphore(RocksLimits.READS_MAX);
  private final Cache cache;
  private final WriteBufferManager buffers;
  private final DBOptions options;
  private final BloomFilter bloom = new BloomFilter(10);
  private final List<ColumnFamilyOptions> familyOptions = new ArrayList<>();
  private volatile @Nullable Families families;
  private volatile boolean closed;

  /// The open database.
  record Families(
      RocksDB db,
      ColumnFamilyHandle meta,
      ColumnFamilyHandle rows,
      ColumnFamilyHandle once,
      ColumnFamilyHandle commits,
      ColumnFamilyHandle blobs,
      ColumnFamilyHandle holders) {
    List<ColumnFamilyHandle> handles() {
      return List.of(meta, rows, once, commits, blobs, holders);
    }
  }

  /// Native work on the open database.
  @FunctionalInterface
  interface Call<T> {
    T run(Families families) throws RocksDBException;
  }

  Engine(Path folder, long cacheBytes) {
    this.folder = folder;
    this.cache = new LRUCache(cacheBytes, 4, false, 0.4);
    this.buffers = new WriteBufferManager(Math.min(WRITE_BUFFERS_BYTES_MAX, cacheBytes / 2), cache);
    this.options = options();
    try {
      families = openFamilies();
    } catch (RocksDBException e) {
      closeOptions();
      throw new DataFolderException(
          "data folder " + folder.getParent() + " cannot be opened: " + firstLine(e), e);
    }
  }

  private DBOptions options() {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setWriteBufferManager(buffers)
        .setMaxTotalWalSize(64L << 20)
        .setMaxBackgroundJobs(2)
        .setMaxOpenFiles(512)
        .setBytesPerSync(1 << 20)
        .setAvoidUnnecessaryBlockingIO(true)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setKeepLogFileNum(3)
        .setMaxLogFileSize(1 << 20)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setManifestPreallocationSize(128 << 10)
        .setMaxManifestFileSize(16 << 20);
  }

  private ColumnFamilyOptions family(long writeBufferBytes, int blockBytes, boolean compressed) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(blockBytes)
            .setFilterPolicy(bloom)
            .setFormatVersion(6)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setIndexType(IndexType.kBinarySearch);
    ColumnFamilyOptions made =
        new ColumnFamilyOptions()
            .setWriteBufferSize(writeBufferBytes)
            .setMaxWriteBufferNumber(3)
            .setArenaBlockSize(128 << 10)
            .setTargetFileSizeBase(32L << 20)
            .setMaxBytesForLevelBase(128L << 20)
            .setLevelCompactionDynamicLevelBytes(true)
            .setMemtablePrefixBloomSizeRatio(0.05)
            .setMemtableWholeKeyFiltering(true)
            .setCompressionType(
                compressed ? CompressionType.LZ4_COMPRESSION : CompressionType.NO_COMPRESSION)
            .setTableFormatConfig(table);
    familyOptions.add(made);
    return made;
  }

  private Families openFamilies() throws RocksDBException {
    familyOptions.forEach(ColumnFamilyOptions::close);
    familyOptions.clear();
    List<ColumnFamilyDescriptor> descriptors =
        List.of(
            descriptor("default", family(4 << 20, 8192, true)),
            descriptor("rows", family(16 << 20, 8192, true)),
            descriptor("once", family(16 << 20, 16384, true)),
            descriptor("commits", family(4 << 20, 16384, true)),
            descriptor("blobs", family(4 << 20, 8192, false)),
            descriptor("holders", family(4 << 20, 8192, false)));
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDB db = RocksDB.open(options, folder.toString(), descriptors, handles);
    return new Families(
        db,
        handles.get(0),
        handles.get(1),
        handles.get(2),
        handles.get(3),
        handles.get(4),
        handles.get(5));
  }

  private static ColumnFamilyDescriptor descriptor(String name, ColumnFamilyOptions options) {
    return new ColumnFamilyDescriptor(
        name.getBytes(java.nio.charset.StandardCharsets.US_ASCII), options);
  }

  /// Reads, as one of at most [RocksLimits#READS_MAX]. Not to be nested.
  <T> T read(Call<T> call) {
    permits.acquireUninterruptibly();
    try {
      return call.run(families());
    } catch (RocksDBException e) {
      LOG.error("a read from the store failed", e);
      throw new UnavailableException("the store cannot be read", Duration.ofSeconds(30), e);
    } finally {
      permits.release();
    }
  }

  /// The open database, for the commit thread, which is the only one that reopens it.
  Families families() {
    Families open = families;
    Invariant.check(!closed, "the store is open");
    if (open == null) {
      throw new UnavailableException("the store is being reopened", Duration.ofSeconds(5));
    }
    return open;
  }

  /// Closes and opens the database, which forgets a background error. Reads wait. Fails if it
  /// cannot be opened; to be tried again.
  void reopen() throws RocksDBException {
    permits.acquireUninterruptibly(RocksLimits.READS_MAX);
    try {
      closeFamilies();
      families = openFamilies();
    } finally {
      permits.release(RocksLimits.READS_MAX);
    }
  }

  private void closeFamilies() {
    Families open = families;
    families = null;
    if (open == null) return;
    open.handles().forEach(ColumnFamilyHandle::close);
    open.db.close();
  }

  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    permits.acquireUninterruptibly(RocksLimits.READS_MAX);
    try {
      closed = true;
      closeFamilies();
      closeOptions();
    } finally {
      permits.release(RocksLimits.READS_MAX);
    }
  }

  private void closeOptions() {
    options.close();
    familyOptions.forEach(ColumnFamilyOptions::close);
    bloom.close();
    buffers.close();
    cache.close();
  }
}
