package org.mailstead.store;

import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.base.Content;

/// Large immutable values, shared by the partitions that hold them. The order that keeps references
/// whole: `put` or `hold` first, then the commit that refers to the blob; after the commit that
/// drops the last reference, `release`. A crash can leave a blob without a reference, never a
/// reference without its blob. A blob without holders for 24 hours is removed by the sweeper.
public interface Blobs {
  /// A blob to be written.
  record NewBlob(BlobId id, Content content) {}

  /// Writes blobs and their first holder, one sync for all of them. Durable when it returns.
  ///
  /// @throws org.mailstead.base.UnavailableException the disk is full or fails: none of them counts
  ///   as written
  void put(PartitionId holder, List<NewBlob> blobs);

  /// Adds a holder. Durable no later than the next commit to the store.
  ///
  /// @throws org.mailstead.base.RefusedException NOT_FOUND: the blob is gone (swept); write it anew
  void hold(PartitionId holder, BlobId blob);

  /// Takes a holder back; harmless if it is not there.
  void release(PartitionId holder, BlobId blob);

  /// The length in octets; empty if there is no such blob.
  Optional<Long> find(BlobId blob);

  /// Reads octets of the blob; the whole record's checksum is verified when the whole blob is read.
  ///
  /// @throws DamagedBlobException its checksum is wrong or its segment cannot be read; names the
  ///   blob
  byte[] read(BlobId blob, long offset, int length);

  List<PartitionId> holders(BlobId blob);

  /// Blobs with ids greater than `after` (as unsigned numbers), ascending.
  List<BlobId> list(Optional<BlobId> after, int countMax);

  /// As [#list], with the holders of each.
  default NavigableMap<BlobId, List<PartitionId>> listHolders(
      Optional<BlobId> after, int countMax) {
    NavigableMap<BlobId, List<PartitionId>> page = new TreeMap<>();
    for (BlobId blob : list(after, countMax)) page.put(blob, holders(blob));
    return page;
  }

  /// What a [#sweep] did.
  record Swept(long blobsRemoved, long octetsFreed) {}

  /// Removes blobs that had no holder for [#UNHELD_KEPT], unless a holder comes in between, and
  /// gives their space back. Counted from the first sweep that finds a blob without holders. To be
  /// called every hour or so, from one thread at a time.
  Swept sweep();

  Duration UNHELD_KEPT = Duration.ofHours(24);
}
