package org.mailstead.store.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;
import org.mailstead.store.BlobId;
import org.mailstead.store.Blobs;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

/// Brings back a whole store, or one partition, from a folder that [Backup] wrote. Every file's
/// checksum is verified before anything of it is used. A restored partition's version is raised by
/// [#VERSIONS_SKIPPED], so that no client takes numbers that are given out again for those that it
/// knows (design §3).
public final class Restore {
  public static final long VERSIONS_SKIPPED = 1L << 20;
  private static final long PUT_BYTES = 8L << 20;

  private final Path folder;
  private final Manifest manifest;
  private final BackupListener listener;

  /// @throws BackupException there is no backup, or its manifest is damaged or newer
  public Restore(Path folder, BackupListener listener) {
    this.folder = folder;
    this.manifest = Manifest.read(folder);
    this.listener = listener;
  }

  /// The partitions in the backup and their versions there.
  public Map<PartitionId, Long> partitions() {
    Map<PartitionId, Long> versions = new TreeMap<>();
    manifest.partitions().forEach((partition, dump) -> versions.put(partition, dump.version()));
    return versions;
  }

  /// Reads every file and compares its checksum.
  ///
  /// @throws BackupException names the first file that is missing or damaged
  public void verify() {
    manifest.partitions().values().forEach(this::verify);
    manifest.blobs().forEach((blob, file) -> readBlob(blob, file));
  }

  /// Restores everything, after every file was verified: damage leaves the store empty.
  ///
  /// @throws BackupException the store is not empty, or the backup is damaged
  public void all(Store store) {
    if (!store.partitions("", Optional.empty(), 1).isEmpty()) {
      throw new BackupException("a whole backup is restored only into an empty store");
    }
    verify();
    restoreBlobs(store, Optional.empty());
    long done = 0;
    for (Map.Entry<PartitionId, Manifest.Dump> entry : manifest.partitions().entrySet()) {
      load(store, entry.getKey(), entry.getValue(), 0);
      listener.done(entry.getKey(), ++done, manifest.blobs().size());
    }
  }

  /// Restores one partition with its blobs.
  ///
  /// @param replace what the partition holds now is dropped; otherwise it must not exist
  /// @throws BackupException it is not in the backup, exists, or its files are damaged
  public void one(Store store, PartitionId partition, boolean replace) {
    Manifest.Dump dump = manifest.partitions().get(partition);
    if (dump == null) throw new BackupException("the backup has no partition " + partition);
    long present = store.version(partition);
    if (present > 0 && !replace) {
      throw new BackupException("partition " + partition + " exists: not restored over it");
    }
    verify(dump);
    manifest
        .blobs()
        .forEach((blob, file) -> {
          if (file.holders().contains(partition)) readBlob(blob, file);
        });
    if (present > 0) store.drop(partition);
    restoreBlobs(store, Optional.of(partition));
    load(store, partition, dump, present);
    listener.done(partition, 1, 0);
  }

  private void verify(Manifest.Dump dump) {
    Path file = Backup.partitions(folder).resolve(dump.file());
    try {
      DumpFile.verify(file, dump);
    } catch (IOException e) {
      throw new BackupException("backup file " + file + " cannot be read", e);
    }
  }

  private void load(Store store, PartitionId partition, Manifest.Dump dump, long present) {
    Path file = Backup.partitions(folder).resolve(dump.file());
    long version = Math.max(dump.version(), present) + VERSIONS_SKIPPED;
    try (DumpFile.Rows rows = new DumpFile.Rows(file)) {
      store.load(partition, version, rows);
    } catch (IOException e) {
      throw new BackupException("backup file " + file + " cannot be read", e);
    }
  }

  private byte[] readBlob(BlobId blob, Manifest.BlobFile file) {
    Path path = Backup.blob(folder, blob);
    try {
      byte[] octets = Files.readAllBytes(path);
      if (octets.length != file.length() || !Checksum.of(octets).equals(file.checksum())) {
        throw new BackupException("backup file " + path + " is damaged: its checksum is wrong");
      }
      return octets;
    } catch (IOException e) {
      throw new BackupException("backup file " + path + " cannot be read", e);
    }
  }

  /// Blobs that are still in the store get a holder, the others are put, several with one sync.
  private void restoreBlobs(Store store, Optional<PartitionId> only) {
    record Wanted(BlobId blob, Manifest.BlobFile file, PartitionId first) {}
    List<Wanted> wanted = new ArrayList<>();
    manifest
        .blobs()
        .forEach((blob, file) -> {
          if (only.isEmpty() || file.holders().contains(only.get())) {
            wanted.add(new Wanted(blob, file, only.orElse(file.holders().first())));
          }
        });
    wanted.sort(Comparator.comparing(Wanted::first));
    List<Blobs.NewBlob> batch = new ArrayList<>();
    long octets = 0;
    for (int i = 0; i < wanted.size(); i++) {
      Wanted one = wanted.get(i);
      if (!held(store, one.first, one.blob)) {
        batch.add(new Blobs.NewBlob(one.blob, Content.of(readBlob(one.blob, one.file))));
        octets += one.file.length();
      }
      boolean last = i + 1 == wanted.size() || !wanted.get(i + 1).first.equals(one.first);
      if (last || octets >= PUT_BYTES) {
        store.blobs().put(one.first, batch);
        batch = new ArrayList<>();
        octets = 0;
      }
    }
    if (only.isPresent()) return;
    for (Wanted one : wanted) {
      NavigableSet<PartitionId> others = one.file.holders().tailSet(one.first, false);
      for (PartitionId holder : others) store.blobs().hold(holder, one.blob);
    }
  }

  private static boolean held(Store store, PartitionId holder, BlobId blob) {
    try {
      if (store.blobs().find(blob).isEmpty()) return false;
      store.blobs().hold(holder, blob);
      return true;
    } catch (RefusedException e) {
      return false; // Swept between the two calls.
    }
  }
}
