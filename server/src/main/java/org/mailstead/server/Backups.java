package org.mailstead.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MailboxId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.Recipients.Resolution;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxRestore;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.server.settings.Settings;
import org.mailstead.store.PartitionId;
import org.mailstead.store.backup.Backup;
import org.mailstead.store.backup.BackupException;
import org.mailstead.store.backup.BackupListener;
import org.mailstead.store.backup.Restore;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// Backup and restore as the operator asks for them (OPS-3).
public final class Backups {
  private static final long PROGRESS_EVERY = 100;

  private Backups() {}

  /// Writes a backup of the store, in use or not.
  ///
  /// @return one line for the operator
  public static String write(Domain domain, Path to, Consumer<String> progress) throws IOException {
    try {
      Backup.Report report = new Backup(domain.store(), to, listener(progress)).run();
      String damaged =
          report.blobsDamaged().isEmpty()
              ? ""
              : "; NOT in it, because damaged: blobs " + report.blobsDamaged();
      return "backup in %s: %d partitions written, %d unchanged; %d blobs written, %d unchanged%s"
          .formatted(
              to,
              report.partitionsWritten(),
              report.partitionsKept(),
              report.blobsWritten(),
              report.blobsKept(),
              damaged);
    } catch (BackupException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// Restores a whole store into a data folder that has none. The key file must be in its place, or
  /// be given.
  ///
  /// @return one line for the operator
  public static String restore(
      Path from, DataFolder data, Optional<Path> key, Settings settings, Consumer<String> progress)
      throws IOException {
    if (data.isRestoring()) {
      deleteTree(data.store()); // what an interrupted restore left
    } else if (Files.exists(data.store()) && !isEmpty(data.store())) {
      throw new IOException(data.store() + " is not empty: restore into a new data folder");
    }
    try {
      Restore restore = new Restore(from, listener(progress));
      data.create();
      Files.writeString(data.restoring(), "a restore was begun here and has not ended\n");
      if (key.isPresent()) KeyFiles.put(key.get(), data.masterKey(), System.getenv());
      if (!Files.exists(data.masterKey())) {
        throw new IOException(
            "the key file "
                + data.masterKey()
                + " is missing: put it there, or name it with --key");
      }
      try (RocksStore store = newStore(data.store())) {
        restore.all(store);
      }
    } catch (BackupException e) {
      throw new IOException(e.getMessage(), e);
    }
    int mailboxCount = 0;
    try (Domain domain = Domain.open(data, settings)) {
      MailboxRestore afterwards = new MailboxRestore(domain.mailboxes());
      for (MailboxId mailbox : mailboxes(domain.mailboxes())) {
        afterwards.afterRestore(mailbox);
        mailboxCount++;
      }
    }
    Files.delete(data.restoring());
    return "restored " + from + " into " + data.root() + ": " + mailboxCount + " mailboxes";
  }

  /// Copies one mailbox, or one folder of it, out of a backup into the running service, into
  /// folders under `Restored <date>`.
  ///
  /// @param folder path with slashes; empty: all folders
  /// @return one line for the operator
  static String restoreMailbox(
      Domain domain, Path from, String address, String folder, Consumer<String> progress)
      throws IOException {
    MailboxId id = mailbox(domain, address);
    Path scratchFolder = Files.createTempDirectory(domain.data().spool(), "restore");
    try (RocksStore scratch = newStore(scratchFolder)) {
      Restore restore = new Restore(from, BackupListener.NONE);
      for (PartitionId partition : restore.partitions().keySet()) {
        boolean keys = partition.value().equals("keys") || partition.value().startsWith("keys/");
        if (keys || partition.value().equals("mailbox/" + id.value())) {
          restore.one(scratch, partition, false);
        }
      }
      Mailbox source = mailboxesOf(scratch, domain).open(id);
      Mailbox target = domain.mailboxes().open(id);
      String root = "Restored " + LocalDate.ofInstant(domain.clock().instant(), ZoneOffset.UTC);
      progress.accept("copying into the folder " + root);
      MailboxRestore.Copied copied;
      if (folder.isEmpty()) {
        copied = MailboxRestore.copyMailbox(source, target, List.of(root));
      } else {
        List<String> path = List.of(folder.split("/"));
        Folder found =
            source
                .findFolder(path)
                .orElseThrow(() -> new IOException("the backup's mailbox has no folder " + folder));
        List<String> under = new ArrayList<>(List.of(root));
        under.addAll(path);
        copied = MailboxRestore.copyFolder(source, found.id(), target, under);
      }
      return "%d messages restored into %s of %s%s"
          .formatted(
              copied.messageCount(),
              root,
              address,
              copied.damagedCount() == 0
                  ? ""
                  : ", " + copied.damagedCount() + " left out because they are damaged");
    } catch (BackupException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      deleteTree(scratchFolder);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
    }
  }

  /// @throws RefusedException NOT_FOUND
  static MailboxId mailbox(Domain domain, String address) {
    Resolution resolution = domain.directory().recipients().resolve(EmailAddress.parse(address));
    if (resolution instanceof Resolution.Local local && local.recipients().size() == 1) {
      return local.recipients().getFirst().mailbox();
    }
    throw new RefusedException(Refusal.NOT_FOUND, "no enabled user has the address " + address);
  }

  private static Mailboxes mailboxesOf(RocksStore scratch, Domain domain) {
    return new Mailboxes(
        scratch,
        new OrganizationKeys(scratch, domain.keyService(), domain.random()),
        new Contents(scratch, domain.random()),
        domain.clock(),
        domain.random(),
        Mailboxes.CacheSettings.ofHeap());
  }

  private static List<MailboxId> mailboxes(Mailboxes mailboxes) {
    List<MailboxId> all = new ArrayList<>();
    List<MailboxId> page = mailboxes.list(Optional.empty(), 1000);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = mailboxes.list(Optional.of(page.getLast()), 1000);
    }
    return all;
  }

  private static RocksStore newStore(Path folder) {
    return RocksStore.open(RocksSettings.in(folder), InstantSource.system(), new SecureRandom());
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static BackupListener listener(Consumer<String> progress) {
    return (_, partitions, blobs) -> {
      if (partitions % PROGRESS_EVERY == 0) {
        progress.accept(partitions + " partitions, " + blobs + " blobs");
      }
    };
  }
}
