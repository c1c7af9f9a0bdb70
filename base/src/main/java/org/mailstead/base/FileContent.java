package org.mailstead.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Content in a temporary file that is removed on close.
final class FileContent implements Content {
  private final Path file;
  private final long length;

  FileContent(Path file, long length) {
    this.file = file;
    this.length = length;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public ByteBuffer buffer() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map spooled content", e);
    }
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(file);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove spooled content", e);
    }
  }
}
