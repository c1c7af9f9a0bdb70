package org.mailstead.base;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Content in an array, of which the first `count` bytes count.
record MemoryContent(byte[] bytes, int count) implements Content {
  @Override
  public long length() {
    return count;
  }

  @Override
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes, 0, count).slice().asReadOnlyBuffer();
  }

  @Override
  public InputStream open() {
    return new ByteArrayInputStream(bytes, 0, count);
  }

  @Override
  public void close() {}

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof MemoryContent that && buffer().equals(that.buffer());
  }

  @Override
  public int hashCode() {
    return buffer().hashCode();
  }
}
