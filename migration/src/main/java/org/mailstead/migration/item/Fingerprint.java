package org.mailstead.migration.item;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.mailstead.base.Content;

/// Identity of content: a length and a SHA-256, of the octets as they are or of their canonical
/// text ([CanonicalText]).
public record Fingerprint(long sizeBytes, long a, long b, long c, long d) {
  private static final int CHUNK_BYTES = 1 << 16;

  /// Of the octets as they are.
  public static Fingerprint of(Content content) throws IOException {
    MessageDigest digest = newDigest();
    if (content.length() <= CHUNK_BYTES) {
      digest.update(content.buffer());
      return of(content.length(), digest.digest());
    }
    byte[] chunk = new byte[CHUNK_BYTES];
    long size = 0;
    try (InputStream in = content.open()) {
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
        digest.update(chunk, 0, got);
        size += got;
      }
    }
    return of(size, digest.digest());
  }

  static Fingerprint of(long sizeBytes, byte[] sha256) {
    ByteBuffer buffer = ByteBuffer.wrap(sha256);
    return new Fingerprint(
        sizeBytes, buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// `12345:0f3a…`, the hash in hexadecimal.
  @Override
  public String toString() {
    return "%d:%016x%016x%016x%016x".formatted(sizeBytes, a, b, c, d);
  }
}
