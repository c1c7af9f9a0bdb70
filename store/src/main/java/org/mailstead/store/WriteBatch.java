package org.mailstead.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What one commit changes; the arrays must not change any more. A later operation on the same key
/// wins. Bounds: key 512 octets, row 4 KiB unless write-once, write-once value 64 KiB, versioned
/// rows of one commit 1 MiB.
public final class WriteBatch {
  public static final int KEY_BYTES_MAX = 512;
  public static final int ROW_BYTES_MAX = 4096;
  public static final int ONCE_BYTES_MAX = 65536;
  public static final int VERSIONED_BYTES_MAX = 1 << 20;

  /// One change of a batch.
  public sealed interface Change {
    Collection collection();

    byte[] key();

    /// A versioned row.
    record Put(Collection collection, byte[] key, byte[] value) implements Change {}

    /// A value under a fresh key (not in the partition, not put by this batch before) that nothing
    /// refers to before this commit; an engine may store it earlier and elsewhere. A later
    /// versioned row under the same key hides it; deleting the key deletes both.
    record PutOnce(Collection collection, byte[] key, byte[] value) implements Change {}

    record Delete(Collection collection, byte[] key) implements Change {}
  }

  private final List<Change> changes = new ArrayList<>();
  private long versionedBytes;

  public WriteBatch put(Collection collection, byte[] key, byte[] value) {
    bound(collection, key, value.length, ROW_BYTES_MAX);
    versionedBytes += key.length + value.length;
    changes.add(new Change.Put(collection, key, value));
    return this;
  }

  public WriteBatch putOnce(Collection collection, byte[] key, byte[] value) {
    bound(collection, key, value.length, ONCE_BYTES_MAX);
    changes.add(new Change.PutOnce(collection, key, value));
    return this;
  }

  public WriteBatch delete(Collection collection, byte[] key) {
    bound(collection, key, 0, ROW_BYTES_MAX);
    versionedBytes += key.length;
    changes.add(new Change.Delete(collection, key));
    return this;
  }

  public List<Change> changes() {
    return Collections.unmodifiableList(changes);
  }

  /// Octets of keys and values of the versioned rows so far; a commit over [#VERSIONED_BYTES_MAX]
  /// is refused.
  public long versionedBytes() {
    return versionedBytes;
  }

  /// @throws IllegalArgumentException more than [#VERSIONED_BYTES_MAX] of versioned rows
  public void checkBounds() {
    if (versionedBytes > VERSIONED_BYTES_MAX) {
      throw new IllegalArgumentException("a commit of " + versionedBytes + " octets");
    }
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  private static void bound(Collection collection, byte[] key, int valueBytes, int valueBytesMax) {
    if (key.length == 0 || key.length > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(collection + ": key of " + key.length + " octets");
    }
    if (valueBytes > valueBytesMax) {
      throw new IllegalArgumentException(collection + ": value of " + valueBytes + " octets");
    }
  }
}
