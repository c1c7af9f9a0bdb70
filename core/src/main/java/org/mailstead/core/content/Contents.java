package org.mailstead.core.content;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.keys.ContentCipher;
import org.mailstead.core.keys.SealingKey;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// Encrypts contents and keeps them where they belong: small ones with their row, large ones as
/// blobs. Every content has a random key of its own. Thread-safe.
///
/// **Staged, not yet referred to.** Between staging and the commit that refers to it, a blob has a
/// holder without a reference, exactly as a blob that a crash has left there. This object tells the
/// two apart: it remembers what was staged through it and not [#settle]d or [#release]d; whatever
/// else a partition holds without referring to it is stray and may be released ([StrayHolders]). So
/// one process uses one of these for a store.
public final class Contents {
  private final Store store;
  private final RandomGenerator random;
  private final Set<Holding> unsettled = ConcurrentHashMap.newKeySet();

  private record Holding(PartitionId holder, BlobId blob) {}

  /// `random` makes keys: it must be fit for secrets.
  public Contents(Store store, RandomGenerator random) {
    this.store = store;
    this.random = random;
  }

  /// Encrypts contents; large ones are blobs when it returns, held by the partition, durable, one
  /// sync for all. After the commit that refers to them [#settle] them; if it does not come,
  /// [#release] them; if nobody knows whether it came, leave them.
  public List<StagedContent> stage(
      OrganizationId organization, PartitionId holder, List<Content> contents) {
    List<StagedContent> staged = new ArrayList<>(contents.size());
    List<Blobs.NewBlob> blobs = new ArrayList<>();
    for (Content content : contents) {
      BlobId id = BlobId.random(random);
      byte[] key = SealingKey.randomBytes(random);
      long length = content.length();
      EncryptedContent encrypted =
          new EncryptedContent(content, new ContentCipher(key, organization, id, length));
      Optional<byte[]> inline = Optional.empty();
      if (length <= ContentLimits.INLINE_BYTES_MAX) inline = Optional.of(encrypted.bytes());
      else blobs.add(new Blobs.NewBlob(id, encrypted));
      staged.add(new StagedContent(organization, id, length, key, inline));
    }
    if (!blobs.isEmpty()) put(holder, blobs);
    return staged;
  }

  /// Remembered before they can be seen in the store.
  private void put(PartitionId holder, List<Blobs.NewBlob> blobs) {
    blobs.forEach(blob -> unsettled.add(new Holding(holder, blob.id())));
    boolean done = false;
    try {
      store.blobs().put(holder, blobs);
      done = true;
    } finally {
      // Whatever was written of them, nobody will refer to it.
      if (!done) blobs.forEach(blob -> unsettled.remove(new Holding(holder, blob.id())));
    }
  }

  /// It is settled whether the holder's rows refer to a content that was staged for it: they say
  /// the truth from now on.
  public void settle(PartitionId holder, StagedContent content) {
    if (content.isBlob()) unsettled.remove(new Holding(holder, content.id()));
  }

  /// Whether this process has staged the blob for this holder and may yet refer to it. When this is
  /// false for a blob that is in the store, the holder's rows, read afterwards, say whether it is
  /// in use.
  public boolean isUnsettled(PartitionId holder, BlobId blob) {
    return unsettled.contains(new Holding(holder, blob));
  }

  /// Makes the partition a holder too, before the commit that refers to the content; nothing to do
  /// for an inline one.
  ///
  /// @throws org.mailstead.base.RefusedException NOT_FOUND: the blob is gone; stage it anew
  public void hold(PartitionId holder, StagedContent content) {
    if (content.isBlob()) store.blobs().hold(holder, content.id());
  }

  /// Takes the holder back, after the commit that dropped its last reference. Harmless if it is not
  /// there.
  public void release(PartitionId holder, StagedContent content) {
    if (!content.isBlob()) return;
    settle(holder, content);
    store.blobs().release(holder, content.id());
  }

  /// Octets in the clear, clipped to the content; decrypts only the chunks that it needs.
  ///
  /// @throws DamagedBlobException it cannot be read back as written
  public byte[] read(StagedContent content, long offset, int length) {
    if (offset < 0 || length < 0) throw new IllegalArgumentException("negative range");
    long end = Math.min(content.length(), offset + length);
    if (offset >= end) return new byte[0];
    ContentCipher cipher =
        new ContentCipher(content.key(), content.organization(), content.id(), content.length());
    long first = offset / ContentCipher.CHUNK_BYTES;
    long last = (end - 1) / ContentCipher.CHUNK_BYTES;
    // The header comes along when it is next to what is read: no read of its own.
    long from = first == 0 ? 0 : ContentCipher.encryptedOffset(first);
    long to = ContentCipher.encryptedOffset(last) + cipher.encryptedLength(last);
    byte[] encrypted = encrypted(content, cipher, from, Math.toIntExact(to - from));
    if (from == 0 && !ContentCipher.isHeader(encrypted)) {
      throw new DamagedBlobException(content.id(), "unknown format");
    }
    byte[] result = new byte[(int) (end - offset)];
    for (long chunk = first; chunk <= last; chunk++) {
      ByteBuffer source =
          ByteBuffer.wrap(
              encrypted,
              (int) (ContentCipher.encryptedOffset(chunk) - from),
              cipher.encryptedLength(chunk));
      decrypt(content, cipher, chunk, source, result, offset);
    }
    return result;
  }

  private static void decrypt(
      StagedContent content,
      ContentCipher cipher,
      long chunk,
      ByteBuffer source,
      byte[] result,
      long offset) {
    long start = chunk * ContentCipher.CHUNK_BYTES;
    int length = cipher.plainLength(chunk);
    boolean authentic;
    if (start >= offset && start + length <= offset + result.length) {
      authentic =
          cipher.decryptChunk(
              chunk, source, ByteBuffer.wrap(result, (int) (start - offset), length));
    } else {
      byte[] plain = new byte[length];
      authentic = cipher.decryptChunk(chunk, source, ByteBuffer.wrap(plain));
      long from = Math.max(start, offset);
      long to = Math.min(start + length, offset + result.length);
      System.arraycopy(
          plain, (int) (from - start), result, (int) (from - offset), (int) (to - from));
    }
    if (!authentic) throw new DamagedBlobException(content.id(), "it does not decrypt");
  }

  private byte[] encrypted(StagedContent content, ContentCipher cipher, long from, int length) {
    if (content.isBlob()) {
      byte[] octets = store.blobs().read(content.id(), from, length);
      if (octets.length != length) throw new DamagedBlobException(content.id(), "it is cut short");
      return octets;
    }
    byte[] inline = content.inline().orElseThrow();
    if (inline.length != cipher.encryptedLength()) {
      throw new DamagedBlobException(content.id(), "its length is wrong");
    }
    return from == 0 && length == inline.length
        ? inline
        : Arrays.copyOfRange(inline, (int) from, (int) from + length);
  }

  /// The whole content in the clear; the caller closes it. Chunks are decrypted as they are read.
  /// Reading it throws [DamagedBlobException] when it cannot be read back as written.
  public Content open(StagedContent content) {
    return new DecryptedContent(this, content);
  }
}
