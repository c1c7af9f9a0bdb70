package org.mailstead.core.content;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Enumeration;
import org.mailstead.base.Content;
import org.mailstead.core.keys.ContentCipher;

/// The encrypted form of a content, made chunk by chunk as it is read.
final class EncryptedContent implements Content {
  private final Content plain;
  private final ContentCipher cipher;

  EncryptedContent(Content plain, ContentCipher cipher) {
    this.plain = plain;
    this.cipher = cipher;
  }

  @Override
  public long length() {
    return cipher.encryptedLength();
  }

  @Override
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes()).asReadOnlyBuffer();
  }

  byte[] bytes() {
    byte[] encrypted = new byte[Math.toIntExact(length())];
    ByteBuffer target = ByteBuffer.wrap(encrypted);
    ByteBuffer source = plain.buffer();
    ContentCipher.putHeader(target);
    for (long chunk = 0; chunk < cipher.chunkCount(); chunk++) {
      encrypt(chunk, source, target);
    }
    return encrypted;
  }

  @Override
  public InputStream open() {
    ByteBuffer source = plain.buffer();
    return new ChunkStream(
        new Enumeration<>() {
          private long chunk = -1;

          @Override
          public boolean hasMoreElements() {
            return chunk < cipher.chunkCount();
          }

          @Override
          public byte[] nextElement() {
            if (chunk < 0) {
              chunk = 0;
              byte[] header = new byte[ContentCipher.HEADER_BYTES];
              ContentCipher.putHeader(ByteBuffer.wrap(header));
              return header;
            }
            byte[] octets = new byte[cipher.encryptedLength(chunk)];
            encrypt(chunk++, source, ByteBuffer.wrap(octets));
            return octets;
          }
        });
  }

  private void encrypt(long chunk, ByteBuffer source, ByteBuffer target) {
    int start = Math.toIntExact(chunk * ContentCipher.CHUNK_BYTES);
    cipher.encryptChunk(chunk, source.slice(start, cipher.plainLength(chunk)), target);
  }

  @Override
  public void close() {
    // The plain content belongs to whoever staged it.
  }
}
