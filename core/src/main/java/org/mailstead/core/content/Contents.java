package org.mailstead.core.content;

import java.util.List;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// Encrypts contents and keeps them where they belong: small ones with their row, large ones as
/// blobs. Every content has a random key of its own. Thread-safe.
public final class Contents {
  /// `random` makes keys: it must be fit for secrets.
  public Contents(Store store, RandomGenerator random) {}

  /// Encrypts contents; large ones are blobs when it returns, held by the partition, durable, one
  /// sync for all. If the commit that was to refer to them does not come, [#release] them.
  public List<StagedContent> stage(
      OrganizationId organization, PartitionId holder, List<Content> contents) {
    throw new UnsupportedOperationException("not built yet");
  }

  /// Makes the partition a holder too, before the commit that refers to the content; nothing to do
  /// for an inline one.
  ///
  /// @throws org.mailstead.base.RefusedException NOT_FOUND: the blob is gone; stage it anew
  public void hold(PartitionId holder, StagedContent content) {
    throw new UnsupportedOperationException("not built yet");
  }

  /// Takes the holder back, after the commit that dropped its last reference. Harmless if it is not
  /// there.
  public void release(PartitionId holder, StagedContent content) {
    throw new UnsupportedOperationException("not built yet");
  }

  /// Octets in the clear, clipped to the content; decrypts only the chunks that it needs.
  ///
  /// @throws org.mailstead.store.DamagedBlobException it cannot be read back as written
  public byte[] read(StagedContent content, long offset, int length) {
    throw new UnsupportedOperationException("not built yet");
  }

  /// The whole content in the clear; the caller closes it. Chunks are decrypted as they are read.
  ///
  /// @throws org.mailstead.store.DamagedBlobException it cannot be read back as written
  public Content open(StagedContent content) {
    throw new UnsupportedOperationException("not built yet");
  }
}
