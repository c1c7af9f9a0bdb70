package org.mailstead.migration.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mailstead.http.aws.Bucket;
import org.mailstead.http.aws.ObjectKey;

/// An object of a bucket, read in blocks of which the last few are kept: an archive is read from
/// front to back, nearly.
final class BucketOctets implements RandomOctets {
  static final int BLOCK_BYTES = 4 << 20;
  private static final int BLOCKS_MAX = 4;

  private final Bucket bucket;
  private final ObjectKey key;
  private final AutoCloseable client;
  private final long length;
  private final Map<Long, byte[]> blocks = new LinkedHashMap<>();

  /// @param client is closed with this
  /// @throws FileNotFoundException there is no such object
  BucketOctets(Bucket bucket, ObjectKey key, AutoCloseable client) throws IOException {
    this.bucket = bucket;
    this.key = key;
    this.client = client;
    this.length = bucket.findLength(key).orElseThrow(() -> missing(key));
  }

  private static FileNotFoundException missing(ObjectKey key) {
    return new FileNotFoundException("there is no object " + key);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public int read(long offset, byte[] octets, int start, int count) throws IOException {
    if (offset >= length) return -1;
    byte[] block = block(offset / BLOCK_BYTES);
    int from = (int) (offset % BLOCK_BYTES);
    int got = Math.min(count, block.length - from);
    if (got <= 0) throw new IOException("object " + key + " is shorter than it was");
    System.arraycopy(block, from, octets, start, got);
    return got;
  }

  private byte[] block(long number) throws IOException {
    synchronized (blocks) {
      byte[] known = blocks.remove(number);
      if (known != null) {
        blocks.put(number, known);
        return known;
      }
    }
    byte[] fresh =
        bucket.findRange(key, number * BLOCK_BYTES, BLOCK_BYTES).orElseThrow(() -> missing(key));
    synchronized (blocks) {
      blocks.put(number, fresh);
      Iterator<byte[]> oldest = blocks.values().iterator();
      while (blocks.size() > BLOCKS_MAX && oldest.hasNext()) {
        oldest.next();
        oldest.remove();
      }
    }
    return fresh;
  }

  @Override
  public void close() {
    BucketArchives.close(client);
  }
}
