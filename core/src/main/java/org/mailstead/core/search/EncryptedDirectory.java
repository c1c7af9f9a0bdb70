package org.mailstead.core.search;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.lucene.store.BufferedIndexInput;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.StringHelper;
import org.mailstead.core.keys.SealingKey;

/// A Lucene directory whose files are sealed in chunks, so that the index shows nothing of the mail
/// that it was made from. A file is a format octet, a random id, and chunks of [#CHUNK_BYTES]
/// octets, each sealed with that id and its number, so that none can stand in another place;
/// reading anywhere opens one chunk.
final class EncryptedDirectory extends FilterDirectory {
  static final int CHUNK_BYTES = 16 * 1024;

  private static final byte FORMAT = 2;
  private static final int HEADER_BYTES = 1 + StringHelper.ID_LENGTH;
  private static final int SEALED_BYTES = CHUNK_BYTES + SealingKey.OVERHEAD_BYTES;

  private final SealingKey key;

  EncryptedDirectory(Directory plain, SealingKey key) {
    super(plain);
    this.key = key;
  }

  @Override
  public IndexOutput createOutput(String name, IOContext context) throws IOException {
    return new SealedOutput(in.createOutput(name, context));
  }

  @Override
  public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
      throws IOException {
    return new SealedOutput(in.createTempOutput(prefix, suffix, context));
  }

  @Override
  public IndexInput openInput(String name, IOContext context) throws IOException {
    IndexInput sealed = in.openInput(name, context);
    try {
      if (sealed.length() < HEADER_BYTES || sealed.readByte() != FORMAT) {
        throw new IOException("search file " + name + " has an unknown format");
      }
      byte[] id = new byte[StringHelper.ID_LENGTH];
      sealed.readBytes(id, 0, id.length);
      return new SealedInput(name, sealed, id);
    } catch (IOException e) {
      sealed.close();
      throw e;
    }
  }

  @Override
  public long fileLength(String name) throws IOException {
    return plainLength(in.fileLength(name));
  }

  private static long plainLength(long sealedLength) {
    long bytes = sealedLength - HEADER_BYTES;
    long chunks = (bytes + SEALED_BYTES - 1) / SEALED_BYTES;
    return bytes - chunks * SealingKey.OVERHEAD_BYTES;
  }

  private static byte[] associated(byte[] id, long chunk) {
    return ByteBuffer.allocate(id.length + Long.BYTES).put(id).putLong(chunk).array();
  }

  private final class SealedOutput extends IndexOutput {
    private final IndexOutput out;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final CRC32 checksum = new CRC32();
    private final byte[] id = StringHelper.randomId();
    private int count;
    private long chunks;

    SealedOutput(IndexOutput out) throws IOException {
      super("sealed " + out.getName(), out.getName());
      this.out = out;
      out.writeByte(FORMAT);
      out.writeBytes(id, id.length);
    }

    @Override
    public void writeByte(byte b) throws IOException {
      checksum.update(b);
      chunk[count++] = b;
      if (count == CHUNK_BYTES) flushChunk();
    }

    @Override
    public void writeBytes(byte[] bytes, int offset, int length) throws IOException {
      checksum.update(bytes, offset, length);
      int at = offset;
      int left = length;
      while (left > 0) {
        int part = Math.min(left, CHUNK_BYTES - count);
        System.arraycopy(bytes, at, chunk, count, part);
        count += part;
        at += part;
        left -= part;
        if (count == CHUNK_BYTES) flushChunk();
      }
    }

    @Override
    public long getFilePointer() {
      return chunks * CHUNK_BYTES + count;
    }

    @Override
    public long getChecksum() {
      return checksum.getValue();
    }

    @Override
    public void close() throws IOException {
      try (out) {
        if (count > 0) flushChunk();
      }
    }

    private void flushChunk() throws IOException {
      byte[] sealed = key.seal(Arrays.copyOf(chunk, count), associated(id, chunks));
      out.writeBytes(sealed, sealed.length);
      chunks++;
      count = 0;
    }
  }

  private final class SealedInput extends BufferedIndexInput {
    private final String name;
    private final IndexInput sealed;
    private final long length;
    private final byte[] id;
    private long position;
    private long openChunk = -1;
    private byte[] open = new byte[0];

    SealedInput(String name, IndexInput sealed, byte[] id) {
      super("sealed " + name, 1024);
      this.name = name;
      this.sealed = sealed;
      this.id = id;
      this.length = plainLength(sealed.length());
    }

    @Override
    protected void readInternal(ByteBuffer target) throws IOException {
      while (target.hasRemaining()) {
        if (position >= length) throw new EOFException("read past the end of " + name);
        load(position / CHUNK_BYTES);
        int at = (int) (position % CHUNK_BYTES);
        int part = Math.min(target.remaining(), open.length - at);
        target.put(open, at, part);
        position += part;
      }
    }

    @Override
    protected void seekInternal(long to) {
      position = to;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void close() throws IOException {
      sealed.close();
    }

    @Override
    public SealedInput clone() {
      SealedInput copy = (SealedInput) super.clone();
      return copy.detached();
    }

    private SealedInput detached() {
      SealedInput copy = new SealedInput(name, sealed.clone(), id);
      copy.position = getFilePointer();
      try {
        copy.seek(getFilePointer());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      copy.openChunk = openChunk;
      copy.open = open;
      return copy;
    }

    private void load(long chunk) throws IOException {
      if (chunk == openChunk) return;
      long start = HEADER_BYTES + chunk * SEALED_BYTES;
      byte[] bytes = new byte[(int) Math.min(SEALED_BYTES, sealed.length() - start)];
      sealed.seek(start);
      sealed.readBytes(bytes, 0, bytes.length);
      open =
          key.open(bytes, associated(id, chunk))
              .orElseThrow(() -> new IOException("search file " + name + " cannot be decrypted"));
      openChunk = chunk;
    }
  }
}
