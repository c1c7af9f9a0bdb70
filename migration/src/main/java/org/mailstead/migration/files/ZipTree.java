package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;

/// A zip archive of `.eml` files, such as WorkMail's mailbox export. Folders are the directories in
/// it. It has no flags: everything counts as seen. Dates are those that the headers tell.
public final class ZipTree implements Source {
  /// More entries are not believed.
  private static final int ENTRIES_MAX = 20_000_000;

  private static final int COPY_BYTES = 1 << 16;

  /// A message grows in no archive to more than this.
  private static final long MESSAGE_BYTES_MAX = 4L << 30;

  private final Path path;
  private final ZipFile zip;
  private final ContentSpool spool;
  private final Map<FolderPath, List<ZipEntry>> folders = new LinkedHashMap<>();

  public ZipTree(Path path, ContentSpool spool) throws IOException {
    this.path = path;
    this.spool = spool;
    this.zip = new ZipFile(path.toFile());
    if (zip.size() > ENTRIES_MAX) {
      zip.close();
      throw new IOException(path + " has more than " + ENTRIES_MAX + " entries");
    }
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (entry.isDirectory() || !entry.getName().toLowerCase(Locale.ROOT).endsWith(".eml")) {
        continue;
      }
      String[] parts = entry.getName().replace('\\', '/').split("/", -1);
      FolderPath folder = FileNames.decode(Arrays.asList(parts).subList(0, parts.length - 1));
      folders.computeIfAbsent(folder, _ -> new ArrayList<>()).add(entry);
    }
  }

  @Override
  public String identity() {
    return "zip archive " + path;
  }

  @Override
  public List<MailFolder> folders() {
    List<MailFolder> listed = new ArrayList<>();
    folders.forEach((folder, entries) ->
        listed.add(
            new MailFolder(
                folder.text(),
                folder,
                folder.isInbox() ? FolderRole.INBOX : FolderRole.NONE,
                "",
                entries.size(),
                entries.stream().mapToLong(ZipEntry::getSize).sum(),
                true,
                true)));
    listed.sort(java.util.Comparator.comparing(MailFolder::path));
    return listed;
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    for (ZipEntry entry : folders.getOrDefault(folder.path(), List.of())) {
      Instant received;
      try (InputStream in = zip.getInputStream(entry)) {
        received =
            StoredFile.received(in)
                .orElse(
                    entry.getTime() < 0
                        ? ItemSummary.NO_DATE
                        : Instant.ofEpochMilli(entry.getTime()));
      } catch (IOException e) {
        // Damaged: it is told when it is read.
        received = ItemSummary.NO_DATE;
      }
      items.add(new ItemSummary(entry.getName(), entry.getSize(), Set.of("\\Seen"), received));
    }
    return new FolderListing.Complete(items, "");
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new LocalReader(items, item -> open(item.id()));
  }

  private Optional<Content> open(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) return Optional.empty();
    try (InputStream in = zip.getInputStream(entry);
        ContentSpool.Writer writer = spool.newWriter()) {
      byte[] chunk = new byte[COPY_BYTES];
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
        writer.write(chunk, 0, got);
        if (writer.length() > MESSAGE_BYTES_MAX) throw new IOException("it unpacks without end");
      }
      return Optional.of(writer.finish());
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      // It was only read.
      return;
    }
  }
}
