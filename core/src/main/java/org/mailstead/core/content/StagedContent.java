package org.mailstead.core.content;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.store.BlobId;

/// An encrypted content and the key to it: what a queue row or a message row needs to remember. The
/// ciphertext is a blob, or comes along (`inline`) when it is small. Secret: store [#reference]
/// sealed only ([org.mailstead.core.keys.OrganizationKeys#seal]); [#inline] is ciphertext and may
/// be stored as it is.
public final class StagedContent {
  private static final byte FORMAT = 1;
  private static final int REFERENCE_BYTES = 1 + 1 + BlobId.BYTES + Long.BYTES + 32;

  private final OrganizationId organization;
  private final BlobId id;
  private final long length;
  private final byte[] key;
  private final Optional<byte[]> inline;

  StagedContent(
      OrganizationId organization, BlobId id, long length, byte[] key, Optional<byte[]> inline) {
    this.organization = organization;
    this.id = id;
    this.length = length;
    this.key = key;
    this.inline = inline;
  }

  /// What [#reference] gave, with the ciphertext if there was one.
  public static StagedContent of(
      OrganizationId organization, byte[] reference, Optional<byte[]> inline) {
    if (reference.length != REFERENCE_BYTES || reference[0] != FORMAT) {
      throw new IllegalStateException("unknown content reference");
    }
    if ((reference[1] == 1) != inline.isPresent()) {
      throw new IllegalStateException("a content's inline ciphertext is missing or superfluous");
    }
    ByteBuffer in = ByteBuffer.wrap(reference, 2, reference.length - 2);
    BlobId id = new BlobId(in.getLong(), in.getLong());
    long length = in.getLong();
    byte[] key = new byte[32];
    in.get(key);
    return new StagedContent(organization, id, length, key, inline);
  }

  /// Whether a [#reference] belongs to a content whose ciphertext is kept beside it.
  public static boolean isInline(byte[] reference) {
    return reference[1] == 1;
  }

  /// Id, length and key in 58 octets. Holds the key in the clear: seal it before storing it.
  public byte[] reference() {
    return ByteBuffer.allocate(REFERENCE_BYTES)
        .put(FORMAT)
        .put((byte) (inline.isPresent() ? 1 : 0))
        .putLong(id.high())
        .putLong(id.low())
        .putLong(length)
        .put(key)
        .array();
  }

  /// The ciphertext of a small content (at most [ContentLimits#INLINE_BYTES_MAX] and the overhead
  /// of encryption); empty: it is a blob.
  public Optional<byte[]> inline() {
    return inline;
  }

  /// The blob's id; names the content in the associated data of its encryption too when inline.
  public BlobId id() {
    return id;
  }

  public boolean isBlob() {
    return inline.isEmpty();
  }

  /// Octets of the message in the clear.
  public long length() {
    return length;
  }

  public OrganizationId organization() {
    return organization;
  }

  byte[] key() {
    return key;
  }

  /// Names the content, never its key.
  @Override
  public String toString() {
    return "content " + id + " of " + length + " octets";
  }
}
