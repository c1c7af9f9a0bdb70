package org.mailstead.store.rocksdb;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.mailstead.base.Content;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionCheck;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// Data that proves itself, for crash tests: each commit of a partition `ledger/n` writes a row
/// under its own version, a write-once value, and perhaps a blob, all of contents that follow from
/// their keys. Later commits drop the blobs of earlier ones.
final class Ledger implements PartitionCheck {
  static final Collection ROWS = new Collection(1, "rows");
  static final Collection VALUES = new Collection(2, "values");
  private static final String PREFIX = "ledger/";
  private static final BlobId NONE = new BlobId(0, 0);

  static PartitionId partition(int n) {
    return new PartitionId(PREFIX + n);
  }

  private static byte[] key(long version) {
    return ByteBuffer.allocate(8).putLong(version).array();
  }

  private static byte[] row(BlobId blob, int length) {
    return ByteBuffer.allocate(20).putLong(blob.high()).putLong(blob.low()).putInt(length).array();
  }

  private static byte[] octets(long seed, int length) {
    byte[] octets = new byte[length];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  private static BlobId blobOf(byte[] row) {
    ByteBuffer buffer = ByteBuffer.wrap(row);
    return new BlobId(buffer.getLong(), buffer.getLong());
  }

  private static byte[] value(PartitionId partition, long version) {
    long seed = partition.hashCode() * 31L + version;
    return octets(seed, 10 + Math.floorMod(seed, 3000));
  }

  /// One commit on top of this version.
  static void commit(Store store, PartitionId partition, long version, Random random) {
    WriteBatch batch = new WriteBatch();
    BlobId blob = NONE;
    int length = 0;
    if (random.nextInt(3) > 0) {
      blob = new BlobId(ThreadLocalRandom.current().nextLong() | 1, random.nextLong());
      length = 4096 + random.nextInt(40_000);
      Content content = Content.of(octets(blob.low(), length));
      store.blobs().put(partition, List.of(new Blobs.NewBlob(blob, content)));
    }
    long next = version + 1;
    batch.put(ROWS, key(next), row(blob, length));
    batch.putOnce(VALUES, key(next), value(partition, next));
    Optional<byte[]> old =
        next > 10 ? store.get(partition, ROWS, key(next - 10)) : Optional.empty();
    boolean drops = old.isPresent() && random.nextInt(2) > 0;
    if (drops) batch.put(ROWS, key(next - 10), row(NONE, 0));
    if (next > 30) batch.delete(VALUES, key(next - 30));
    CommitId id = new CommitId(partition.hashCode(), next);
    store.commit(partition, version, id, batch);
    if (drops && !blobOf(old.get()).equals(NONE)) {
      store.blobs().release(partition, blobOf(old.get()));
    }
  }

  @Override
  public boolean covers(PartitionId partition) {
    return partition.value().startsWith(PREFIX);
  }

  /// Every version has its row, every row's blob its octets, and the last 30 their values.
  @Override
  public void check(Store store, PartitionId partition, Findings findings) {
    long version = store.version(partition);
    List<Row> rows = all(store, partition, ROWS);
    if (rows.size() != version) {
      findings.error(partition + ": " + rows.size() + " rows at version " + version);
    }
    for (int i = 0; i < rows.size(); i++) {
      long own = ByteBuffer.wrap(rows.get(i).key()).getLong();
      if (own != i + 1) findings.error(partition + ": row " + own + " in place of " + (i + 1));
      BlobId blob = blobOf(rows.get(i).value());
      if (blob.equals(NONE)) continue;
      findings.refersTo(partition, blob);
      int length = ByteBuffer.wrap(rows.get(i).value()).getInt(16);
      byte[] expected = octets(blob.low(), length);
      if (!java.util.Arrays.equals(store.blobs().read(blob, 0, length), expected)) {
        findings.error(partition + ": blob " + blob + " has other octets");
      }
    }
    List<Row> values = all(store, partition, VALUES);
    if (values.size() != Math.min(version, 30)) {
      findings.error(partition + ": " + values.size() + " values at version " + version);
    }
    for (Row row : values) {
      long own = ByteBuffer.wrap(row.key()).getLong();
      if (!java.util.Arrays.equals(row.value(), value(partition, own))) {
        findings.error(partition + ": value " + own + " has other octets");
      }
    }
  }

  private static List<Row> all(Store store, PartitionId partition, Collection collection) {
    List<Row> rows = new ArrayList<>();
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = store.range(partition, collection, next.get(), 500);
      rows.addAll(page.rows());
      next = page.next();
    }
    return rows;
  }
}
