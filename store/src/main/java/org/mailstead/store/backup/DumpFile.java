package org.mailstead.store.backup;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.Store.ScanPage;
import org.mailstead.store.Store.StoredRow;

/// The rows of one partition at one version: magic, format, then per row collection (0 ends),
/// whether write-once, key and value with their lengths.
final class DumpFile {
  private static final int MAGIC = 0x4D53_4431;
  private static final byte FORMAT = 1;
  private static final int ATTEMPTS_MAX = 50;

  private DumpFile() {}

  /// Writes a dump; begins again when a commit comes in between, so that all rows are of one
  /// version.
  ///
  /// @return version and checksum; empty if the partition is gone
  static Optional<Manifest.Dump> write(Store store, PartitionId partition, Path file)
      throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      MessageDigest digest = Checksum.digest();
      long version;
      try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          OutputStream hashed = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(hashed, 1 << 16));
        version = writeRows(store, partition, out);
        out.flush();
        channel.force(true);
      }
      if (version == 0) return Optional.empty();
      if (version > 0) {
        String name = String.valueOf(file.getFileName());
        return Optional.of(new Manifest.Dump(version, name, Checksum.text(digest.digest())));
      }
    }
    throw new BackupException(
        "partition " + partition + " changes too fast for a backup; try at a quieter time");
  }

  /// The version, 0 if there is none; -1 if it changed.
  private static long writeRows(Store store, PartitionId partition, DataOutputStream out)
      throws IOException {
    out.writeInt(MAGIC);
    out.writeByte(FORMAT);
    long version = -1;
    Optional<byte[]> after = Optional.empty();
    do {
      ScanPage page = store.scan(partition, after);
      if (version >= 0 && page.version() != version) return -1;
      version = page.version();
      for (StoredRow row : page.rows()) {
        out.writeByte(row.collection().number());
        out.writeBoolean(row.once());
        out.writeInt(row.key().length);
        out.write(row.key());
        out.writeInt(row.value().length);
        out.write(row.value());
      }
      after = page.next();
    } while (after.isPresent());
    out.writeByte(0);
    return version;
  }

  /// @throws BackupException the file is not as it was written
  static void verify(Path file, Manifest.Dump dump) throws IOException {
    MessageDigest digest = Checksum.digest();
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    if (!Checksum.text(digest.digest()).equals(dump.checksum())) {
      throw new BackupException("backup file " + file + " is damaged: its checksum is wrong");
    }
  }

  /// The rows of a dump that was verified.
  static final class Rows implements Iterator<StoredRow>, AutoCloseable {
    private final DataInputStream in;
    private int collection;

    Rows(Path file) throws IOException {
      in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
      if (in.readInt() != MAGIC || in.readByte() != FORMAT) {
        in.close();
        throw new BackupException("backup file " + file + " is of another version");
      }
      collection = in.readUnsignedByte();
    }

    @Override
    public boolean hasNext() {
      return collection != 0;
    }

    @Override
    public StoredRow next() {
      if (collection == 0) throw new NoSuchElementException();
      try {
        boolean once = in.readBoolean();
        byte[] key = in.readNBytes(in.readInt());
        byte[] value = in.readNBytes(in.readInt());
        StoredRow row = new StoredRow(Collection.numbered(collection), key, value, once);
        collection = in.readUnsignedByte();
        return row;
      } catch (IOException e) {
        throw new BackupException("a backup file cannot be read", e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
