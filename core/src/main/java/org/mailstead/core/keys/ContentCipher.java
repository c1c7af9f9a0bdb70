package org.mailstead.core.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.mailstead.base.OrganizationId;
import org.mailstead.store.BlobId;

/// Encrypts one content under a key that is used for nothing else: a format byte, a key id (0: the
/// key that its message row holds), then chunks of 64 KiB, each AES-256-GCM with its number as
/// nonce and organization, content id, number and last-chunk mark as associated data. So a part can
/// be read without the rest, and chunks cannot be dropped, swapped or moved to another content.
public final class ContentCipher {
  public static final int CHUNK_BYTES = 64 * 1024;
  public static final int HEADER_BYTES = 2;

  private static final byte FORMAT = 1;
  private static final byte KEY_OF_ROW = 0;
  private static final int STORED_CHUNK_BYTES = CHUNK_BYTES + Gcm.TAG_BYTES;

  private final SecretKey key;
  private final byte[] place;
  private final long length;

  public ContentCipher(byte[] key, OrganizationId organization, BlobId content, long length) {
    this.key = new SecretKeySpec(key, "AES");
    this.length = length;
    byte[] name = organization.value().getBytes(StandardCharsets.UTF_8);
    this.place =
        ByteBuffer.allocate(name.length + 1 + BlobId.BYTES)
            .put(name)
            .put((byte) 0)
            .putLong(content.high())
            .putLong(content.low())
            .array();
  }

  /// At least one: an empty content has an empty chunk.
  public long chunkCount() {
    return Math.max(1, (length + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }

  public long encryptedLength() {
    return HEADER_BYTES + length + chunkCount() * Gcm.TAG_BYTES;
  }

  /// Where a chunk begins in the encrypted form.
  public static long encryptedOffset(long chunk) {
    return HEADER_BYTES + chunk * STORED_CHUNK_BYTES;
  }

  /// Octets of the content in a chunk.
  public int plainLength(long chunk) {
    return (int) Math.min(CHUNK_BYTES, length - chunk * CHUNK_BYTES);
  }

  public int encryptedLength(long chunk) {
    return plainLength(chunk) + Gcm.TAG_BYTES;
  }

  public static void putHeader(ByteBuffer target) {
    target.put(FORMAT).put(KEY_OF_ROW);
  }

  /// Whether octets begin as [#putHeader] has it.
  public static boolean isHeader(byte[] octets) {
    return octets.length >= HEADER_BYTES && octets[0] == FORMAT && octets[1] == KEY_OF_ROW;
  }

  public void encryptChunk(long chunk, ByteBuffer plain, ByteBuffer target) {
    Gcm.encrypt(key, nonce(chunk), associated(chunk), plain, target);
  }

  /// @return false if it is not what was written
  public boolean decryptChunk(long chunk, ByteBuffer encrypted, ByteBuffer target) {
    return Gcm.decrypt(key, nonce(chunk), associated(chunk), encrypted, target);
  }

  private static GCMParameterSpec nonce(long chunk) {
    return new GCMParameterSpec(
        Gcm.TAG_BYTES * 8, ByteBuffer.allocate(Gcm.NONCE_BYTES).putLong(4, chunk).array());
  }

  private byte[] associated(long chunk) {
    return ByteBuffer.allocate(place.length + Long.BYTES + 1)
        .put(place)
        .putLong(chunk)
        .put((byte) (chunk == chunkCount() - 1 ? 1 : 0))
        .array();
  }
}
