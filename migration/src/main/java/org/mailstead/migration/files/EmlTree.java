package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;

/// A tree of folders with one `.eml` file for each message: an archive that every mail program
/// opens. The received date is the file's time; flags are lines of `flags.tsv` in each folder, the
/// last line of a file counting. Messages of a tree of somebody else have the dates that their
/// headers tell.
public final class EmlTree implements Target {
  private static final String FLAGS = "flags.tsv";
  private static final int DEPTH_MAX = FolderPath.DEPTH_MAX;

  private final Path root;

  public EmlTree(Path root) {
    this.root = root;
  }

  @Override
  public String identity() {
    return "eml files in " + root;
  }

  @Override
  public List<MailFolder> folders() throws IOException {
    List<MailFolder> folders = new ArrayList<>();
    if (!Files.isDirectory(root)) return folders;
    try (Stream<Path> paths = Files.walk(root, DEPTH_MAX, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : paths.filter(Files::isDirectory).toList()) {
        long count = messages(path).size();
        if (path.equals(root) && count == 0) continue;
        folders.add(folder(path, count));
      }
    }
    folders.sort(java.util.Comparator.comparing(MailFolder::path));
    return folders;
  }

  private MailFolder folder(Path path, long count) {
    FolderPath name = FileNames.decode(root.relativize(path));
    return new MailFolder(
        root.relativize(path).toString(),
        name,
        name.isInbox() ? FolderRole.INBOX : FolderRole.NONE,
        "",
        count,
        -1,
        true,
        true);
  }

  private static List<Path> messages(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".eml"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private Path path(MailFolder folder) {
    return root.resolve(folder.key());
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    return new FolderListing.Complete(listSince(folder, ""), "");
  }

  @Override
  public List<ItemSummary> listSince(MailFolder folder, String position) throws IOException {
    Map<String, Set<String>> flags = flags(path(folder));
    List<ItemSummary> items = new ArrayList<>();
    for (Path file : messages(path(folder))) {
      String id = file.getFileName().toString();
      Set<String> known = flags.get(id);
      Instant received = Files.getLastModifiedTime(file).toInstant();
      if (known == null) {
        try (InputStream in = Files.newInputStream(file)) {
          received = StoredFile.received(in).orElse(received);
        }
      }
      items.add(new ItemSummary(id, Files.size(file), known == null ? Set.of() : known, received));
    }
    return items;
  }

  private static Map<String, Set<String>> flags(Path folder) throws IOException {
    Map<String, Set<String>> flags = new HashMap<>();
    Path file = folder.resolve(FLAGS);
    if (!Files.exists(file)) return flags;
    for (String line : Files.readString(file).split("\n", -1)) {
      String[] parts = line.split("\t", -1);
      // A line that a crash has cut has no end mark.
      if (parts.length != 3 || !parts[2].equals(".")) continue;
      Set<String> set = new HashSet<>(List.of(parts[1].split(" ", -1)));
      set.remove("");
      flags.put(parts[0], set);
    }
    return flags;
  }

  private static void noteFlags(Path folder, Map<String, Set<String>> changes) throws IOException {
    StringBuilder lines = new StringBuilder();
    Path file = folder.resolve(FLAGS);
    // A torn last line must not swallow the next one.
    if (Files.exists(file) && Files.size(file) > 0) lines.append('\n');
    changes.forEach((id, flags) ->
        lines.append(id).append('\t').append(String.join(" ", flags)).append("\t.\n"));
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer octets =
          java.nio.ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
      while (octets.hasRemaining()) channel.write(octets);
      channel.force(true);
    }
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new LocalReader(items, item -> StoredFile.open(path(folder).resolve(item.id())));
  }

  @Override
  public long itemBytesMax() {
    return Long.MAX_VALUE;
  }

  @Override
  public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
      throws IOException {
    Path folder = root.resolve(FileNames.encode(path));
    Files.createDirectories(folder);
    return folder(folder, messages(folder).size());
  }

  @Override
  public String position(MailFolder folder) {
    return "";
  }

  @Override
  public ItemWriter write(MailFolder folder) {
    return new Writer(path(folder));
  }

  @Override
  public void setFlags(MailFolder folder, List<String> ids, Set<String> flags) throws IOException {
    Map<String, Set<String>> changes = new HashMap<>();
    for (String id : ids) changes.put(id, flags);
    noteFlags(path(folder), changes);
  }

  @Override
  public void remove(MailFolder folder, List<String> ids) throws IOException {
    for (String id : ids) Files.deleteIfExists(path(folder).resolve(id));
    StoredFile.forceFolder(path(folder));
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) {
    return flags;
  }

  @Override
  public void close() {}

  /// Flags first, then the file under its name: a message never stands there without its flags.
  private static final class Writer implements ItemWriter {
    private final Path folder;
    private final Deque<List<WriteResult>> done = new ArrayDeque<>();

    Writer(Path folder) {
      this.folder = folder;
    }

    @Override
    public int batchesInFlightMax() {
      return 1;
    }

    @Override
    public void send(List<NewItem> batch) throws IOException {
      Map<String, Set<String>> flags = new HashMap<>();
      List<String> names = new ArrayList<>();
      for (NewItem item : batch) {
        String name = name(item);
        names.add(name);
        flags.put(name, item.flags());
      }
      noteFlags(folder, flags);
      List<WriteResult> results = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        NewItem item = batch.get(i);
        Path temporary = folder.resolve(names.get(i) + ".part");
        StoredFile.write(temporary, folder.resolve(names.get(i)), item.content(), item.received());
        results.add(new WriteResult.Written(names.get(i)));
      }
      StoredFile.forceFolder(folder);
      done.add(results);
    }

    /// `20240131-101500-1f0c….eml`: sorted by date; random, so that equal messages are two files.
    private static String name(NewItem item) {
      String date =
          item.received().equals(ItemSummary.NO_DATE)
              ? "undated"
              : java.time.format.DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)
                  .withZone(java.time.ZoneOffset.UTC)
                  .format(item.received());
      return date + "-" + java.util.UUID.randomUUID() + ".eml";
    }

    @Override
    public List<WriteResult> receive() throws IOException {
      List<WriteResult> results = done.poll();
      if (results == null) throw new IOException("no answer is awaited");
      return results;
    }

    @Override
    public void close() {}
  }
}
