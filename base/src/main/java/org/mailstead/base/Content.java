package org.mailstead.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Immutable bytes of any size: in memory when small, in a temporary file when large. Closing
/// removes the file; the bytes must not be used after that. See [ContentSpool] for how one is
/// collected from a connection.
public interface Content extends AutoCloseable {
  long length();

  /// All bytes, read-only, position 0. A large content is mapped, not read.
  ByteBuffer buffer();

  InputStream open() throws IOException;

  @Override
  void close();

  /// Content over an array, which must not change any more.
  static Content of(byte[] bytes) {
    return new MemoryContent(bytes, bytes.length);
  }
}
