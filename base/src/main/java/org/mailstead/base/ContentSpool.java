package org.mailstead.base;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/// Collects the bytes of one message from a connection: in memory up to `memoryBytesMax`, then in a
/// temporary file of `folder`. A full disk surfaces as [UnavailableException], so that the peer
/// hears a temporary error.
public final class ContentSpool {
  private final Path folder;
  private final int memoryBytesMax;

  public ContentSpool(Path folder, int memoryBytesMax) {
    this.folder = folder;
    this.memoryBytesMax = memoryBytesMax;
  }

  public Writer newWriter() {
    return new Writer();
  }

  /// One message being collected. [Writer#finish] hands over the content; closing without it
  /// removes what was spooled.
  public final class Writer implements AutoCloseable {
    private byte[] memory = new byte[8192];
    private int memoryCount;
    private long length;
    private @org.jspecify.annotations.Nullable Path file;
    private @org.jspecify.annotations.Nullable OutputStream out;
    private boolean finished;

    public long length() {
      return length;
    }

    public void write(byte[] bytes, int offset, int count) {
      length += count;
      try {
        if (out == null && memoryCount + (long) count > memoryBytesMax) spill();
        if (out != null) {
          out.write(bytes, offset, count);
          return;
        }
      } catch (IOException e) {
        throw new UnavailableException("cannot spool a message", Duration.ofSeconds(60), e);
      }
      if (memoryCount + count > memory.length) {
        memory = Arrays.copyOf(memory, Math.max(memoryCount + count, memory.length * 2));
      }
      System.arraycopy(bytes, offset, memory, memoryCount, count);
      memoryCount += count;
    }

    public Content finish() {
      finished = true;
      Path spooled = file;
      if (spooled == null) return new MemoryContent(memory, memoryCount);
      try {
        if (out != null) out.close();
      } catch (IOException e) {
        throw new UnavailableException("cannot spool a message", Duration.ofSeconds(60), e);
      }
      return new FileContent(spooled, length);
    }

    @Override
    public void close() {
      if (finished) return;
      try {
        if (out != null) out.close();
        if (file != null) Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UnavailableException("cannot remove a spool file", Duration.ofSeconds(60), e);
      }
    }

    private void spill() throws IOException {
      Path spooled = Files.createTempFile(folder, "spool", ".tmp");
      OutputStream stream = new java.io.BufferedOutputStream(Files.newOutputStream(spooled), 65536);
      stream.write(memory, 0, memoryCount);
      memory = new byte[0];
      file = spooled;
      out = stream;
    }
  }
}
