package org.mailstead.store.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.BlobId;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies a store that is in use into a folder. Each partition is dumped at one version, blobs are
/// copied by id; nothing is locked. A second backup into the same folder writes only what is new: a
/// dump is kept if its partition has the same version, a blob's file for ever.
///
/// The dumps are of different moments, so their order matters: whatever moves from one partition to
/// another must be in the backup at least once. A partition from which things go is dumped before
/// the one to which they come, a partition that refers to another one before that one ([#FIRST],
/// [#LAST]).
///
/// Holders are read before and after the dumps and united, so that a blob that is released while
/// its partition is dumped is kept. (One that is put, referred to, dropped and released again
/// within one backup may be missing although a dump refers to it.) The manifest is replaced last;
/// what it does not name is removed after that.
public final class Backup {
  private static final Logger LOG = LoggerFactory.getLogger(Backup.class);
  private static final int PAGE_COUNT = 1000;

  /// A partition of so low a version may be another one under an old name: dumped and compared.
  private static final long VERSION_TRUSTED_MIN = 1000;

  /// Prefixes of partitions that are dumped before all others, in this order. Queues: a message
  /// that is delivered meanwhile is then in both dumps, and its delivery id makes the second
  /// delivery harmless; the other way round it would be in neither.
  private static final List<String> FIRST = List.of("queue/");

  /// Prefixes of partitions that are dumped after all others, in this order. Mailboxes after the
  /// accounts that own them; claims after whatever has a name claimed; keys after whatever is
  /// sealed with them.
  private static final List<String> LAST = List.of("mailbox/", "claim/", "keys");

  private final Store store;
  private final Path folder;
  private final BackupListener listener;

  public Backup(Store store, Path folder, BackupListener listener) {
    this.store = store;
    this.folder = folder;
    this.listener = listener;
  }

  /// What a backup did.
  ///
  /// @param blobsDamaged blobs that could not be read and are not in the backup
  public record Report(
      long partitionsWritten,
      long partitionsKept,
      long blobsWritten,
      long blobsKept,
      List<BlobId> blobsDamaged) {}

  static Path partitions(Path folder) {
    return folder.resolve("partitions");
  }

  static Path blob(Path folder, BlobId blob) {
    String name = blob.toString();
    return folder.resolve("blobs").resolve(name.substring(0, 2)).resolve(name);
  }

  /// @throws UnavailableException the folder cannot be written
  /// @throws BackupException the backup that is in the folder is damaged
  public Report run() {
    try {
      Files.createDirectories(partitions(folder));
      Manifest before = Manifest.isIn(folder) ? Manifest.read(folder) : Manifest.empty();
      Manifest after = Manifest.empty();
      NavigableMap<BlobId, NavigableSet<PartitionId>> holders = new TreeMap<>();
      collectHolders(holders);
      long partitionsKept = 0;
      for (String prefix : FIRST) partitionsKept += dumpAll(prefix, Set.of(), before, after);
      Set<String> ordered = new HashSet<>(FIRST);
      ordered.addAll(LAST);
      partitionsKept += dumpAll("", ordered, before, after);
      for (String prefix : LAST) partitionsKept += dumpAll(prefix, Set.of(), before, after);
      collectHolders(holders);
      Report copied = copyBlobs(holders, before, after);
      after.write(folder);
      prune(after);
      return new Report(
          after.partitions().size() - partitionsKept,
          partitionsKept,
          copied.blobsWritten,
          copied.blobsKept,
          copied.blobsDamaged);
    } catch (IOException e) {
      throw new UnavailableException(
          "the backup folder cannot be written", Duration.ofMinutes(1), e);
    }
  }

  /// Dumps the partitions with a prefix, except those with one of the others.
  ///
  /// @return how many dumps were kept
  private long dumpAll(String prefix, Set<String> except, Manifest before, Manifest after)
      throws IOException {
    long kept = 0;
    Optional<PartitionId> last = Optional.empty();
    while (true) {
      List<PartitionId> page = store.partitions(prefix, last, PAGE_COUNT);
      for (PartitionId partition : page) {
        if (except.stream().anyMatch(partition.value()::startsWith)) continue;
        if (dump(partition, before, after)) kept++;
        listener.done(partition, after.partitions().size(), 0);
      }
      if (page.size() < PAGE_COUNT) return kept;
      last = Optional.of(page.getLast());
    }
  }

  private void collectHolders(NavigableMap<BlobId, NavigableSet<PartitionId>> holders) {
    Optional<BlobId> after = Optional.empty();
    while (true) {
      NavigableMap<BlobId, List<PartitionId>> page = store.blobs().listHolders(after, PAGE_COUNT);
      page.forEach((blob, found) -> {
        if (!found.isEmpty()) holders.computeIfAbsent(blob, id -> new TreeSet<>()).addAll(found);
      });
      if (page.size() < PAGE_COUNT) return;
      after = Optional.of(page.lastKey());
    }
  }

  /// Whether the dump that is there already was kept.
  private boolean dump(PartitionId partition, Manifest before, Manifest after) throws IOException {
    Manifest.Dump old = before.partitions().get(partition);
    boolean there = old != null && Files.exists(partitions(folder).resolve(old.file()));
    if (old != null
        && there
        && old.version() >= VERSION_TRUSTED_MIN
        && old.version() == store.version(partition)) {
      after.partitions().put(partition, old);
      return true;
    }
    Path fresh = partitions(folder).resolve("dump.new");
    Optional<Manifest.Dump> written = DumpFile.write(store, partition, fresh);
    if (written.isEmpty()) return false; // Dropped meanwhile.
    Manifest.Dump dump = written.get();
    if (old != null
        && there
        && dump.version() == old.version()
        && dump.checksum().equals(old.checksum())) {
      after.partitions().put(partition, old);
      return true;
    }
    String name =
        Checksum.of(partition.value()).substring(0, 32)
            + "-"
            + dump.version()
            + "-"
            + dump.checksum().substring(0, 16);
    DurableFiles.rename(fresh, partitions(folder).resolve(name));
    after.partitions().put(partition, new Manifest.Dump(dump.version(), name, dump.checksum()));
    return false;
  }

  private Report copyBlobs(
      NavigableMap<BlobId, NavigableSet<PartitionId>> holders, Manifest before, Manifest after)
      throws IOException {
    long blobsWritten = 0;
    long blobsKept = 0;
    List<BlobId> damaged = new ArrayList<>();
    for (var entry : holders.entrySet()) {
      BlobId blob = entry.getKey();
      NavigableSet<PartitionId> held = entry.getValue();
      held.retainAll(after.partitions().keySet());
      if (held.isEmpty()) continue;
      Manifest.BlobFile old = before.blobs().get(blob);
      if (old != null && Files.exists(blob(folder, blob))) {
        after.blobs().put(blob, new Manifest.BlobFile(old.length(), old.checksum(), held));
        blobsKept++;
        continue;
      }
      try {
        long length = store.blobs().find(blob).orElse(-1L);
        if (length < 0) continue; // Released and swept meanwhile.
        byte[] octets = store.blobs().read(blob, 0, Math.toIntExact(length));
        Path file = blob(folder, blob);
        Files.createDirectories(file.getParent());
        DurableFiles.write(file, octets);
        after.blobs().put(blob, new Manifest.BlobFile(length, Checksum.of(octets), held));
        blobsWritten++;
        if (blobsWritten % PAGE_COUNT == 0) {
          listener.done(held.first(), after.partitions().size(), blobsWritten);
        }
      } catch (DamagedBlobException | RefusedException e) {
        LOG.error("blob {} is not in the backup: {}", blob, e.getMessage());
        damaged.add(blob);
      }
    }
    return new Report(0, 0, blobsWritten, blobsKept, damaged);
  }

  /// Removes what the manifest does not name.
  private void prune(Manifest manifest) throws IOException {
    Set<Path> named = new HashSet<>();
    manifest.partitions().values().forEach(d -> named.add(partitions(folder).resolve(d.file())));
    manifest.blobs().keySet().forEach(blob -> named.add(blob(folder, blob)));
    for (String part : List.of("partitions", "blobs")) {
      Path root = folder.resolve(part);
      if (!Files.exists(root)) continue;
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (!named.contains(file)) Files.delete(file);
        }
      }
    }
  }
}
