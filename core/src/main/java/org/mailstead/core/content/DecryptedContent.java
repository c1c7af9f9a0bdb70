package org.mailstead.core.content;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Enumeration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;

/// A stored content in the clear. As a stream it is read and decrypted by the megabyte; as a buffer
/// it is one array, kept until it is closed.
final class DecryptedContent implements Content {
  private static final int READ_BYTES = 1 << 20;

  private final Contents contents;
  private final StagedContent source;
  private final AtomicReference<byte @Nullable []> whole = new AtomicReference<>();

  DecryptedContent(Contents contents, StagedContent source) {
    this.contents = contents;
    this.source = source;
  }

  @Override
  public long length() {
    return source.length();
  }

  @Override
  public ByteBuffer buffer() {
    byte[] known = whole.get();
    if (known == null) {
      known = contents.read(source, 0, Math.toIntExact(source.length()));
      whole.set(known);
    }
    return ByteBuffer.wrap(known).asReadOnlyBuffer();
  }

  @Override
  public InputStream open() {
    byte[] known = whole.get();
    if (known != null) return new ByteArrayInputStream(known);
    return new ChunkStream(
        new Enumeration<>() {
          private long offset;

          @Override
          public boolean hasMoreElements() {
            return offset < source.length();
          }

          @Override
          public byte[] nextElement() {
            byte[] octets = contents.read(source, offset, READ_BYTES);
            offset += octets.length;
            return octets;
          }
        });
  }

  @Override
  public void close() {
    whole.set(null);
  }
}
