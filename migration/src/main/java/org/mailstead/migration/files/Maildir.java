package org.mailstead.migration.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.mailstead.base.Content;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.ModifiedUtf7;
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

/// A Maildir with Maildir++ folders (`.Projects.2026`). Flags are the letters after `:2,`, keywords
/// the letters of `dovecot-keywords`, the received date the file's time. An item's id is the file's
/// name before its flags, which never changes.
public final class Maildir implements Target {
  private static final String LETTERS = "DFPRST";
  private static final List<String> SYSTEM =
      List.of("\\Draft", "\\Flagged", "$Forwarded", "\\Answered", "\\Seen", "\\Deleted");
  private static final String KEYWORDS = "dovecot-keywords";
  private static final int KEYWORDS_MAX = 26;

  private final Path root;

  public Maildir(Path root) {
    this.root = root;
  }

  @Override
  public String identity() {
    return "Maildir " + root;
  }

  @Override
  public List<MailFolder> folders() throws IOException {
    List<MailFolder> folders = new ArrayList<>();
    if (!Files.isDirectory(root)) return folders;
    if (Files.isDirectory(root.resolve("cur"))) folders.add(folder(""));
    try (Stream<Path> paths = Files.list(root)) {
      for (Path path : paths.sorted().toList()) {
        String name = path.getFileName().toString();
        if (name.length() > 1
            && name.startsWith(".")
            && !name.equals("..")
            && Files.isDirectory(path.resolve("cur"))) {
          folders.add(folder(name));
        }
      }
    }
    folders.sort(java.util.Comparator.comparing(MailFolder::path));
    return folders;
  }

  private MailFolder folder(String key) throws IOException {
    FolderPath path = path(key);
    return new MailFolder(
        key,
        path,
        path.isInbox() ? FolderRole.INBOX : FolderRole.NONE,
        "",
        files(root.resolve(key)).size(),
        -1,
        true,
        true);
  }

  private static FolderPath path(String key) {
    if (key.isEmpty()) return FolderPath.INBOX;
    List<String> names = new ArrayList<>();
    for (String part : key.substring(1).split("\\.", -1)) {
      if (!part.isEmpty()) names.add(decoded(part));
    }
    return names.isEmpty() ? FolderPath.of(key) : new FolderPath(names);
  }

  /// Names are modified UTF-7 by custom, UTF-8 with some.
  private static String decoded(String part) {
    try {
      return ModifiedUtf7.decode(part).replace('\u2024', '.').replace('\u2215', '/');
    } catch (MalformedException e) {
      return part;
    }
  }

  private static String key(FolderPath path) {
    if (path.isInbox()) return "";
    StringBuilder out = new StringBuilder();
    for (String name : path.names()) {
      // The separator and the slash cannot stand in a name: their look-alikes can.
      out.append('.')
          .append(ModifiedUtf7.encode(name.replace('.', '\u2024').replace('/', '\u2215')));
    }
    return out.toString();
  }

  /// Files of `new` and `cur`; those of `tmp` are not messages yet.
  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String part : List.of("cur", "new")) {
      Path path = folder.resolve(part);
      if (!Files.isDirectory(path)) continue;
      try (Stream<Path> each = Files.list(path)) {
        each.filter(f -> !f.getFileName().toString().startsWith("."))
            .filter(Files::isRegularFile)
            .forEach(files::add);
      }
    }
    files.sort(java.util.Comparator.comparing(f -> f.getFileName().toString()));
    return files;
  }

  private static String id(Path file) {
    String name = file.getFileName().toString();
    int colon = name.indexOf(":2,");
    return colon < 0 ? name : name.substring(0, colon);
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    return new FolderListing.Complete(listSince(folder, ""), "");
  }

  @Override
  public List<ItemSummary> listSince(MailFolder folder, String position) throws IOException {
    Path path = root.resolve(folder.key());
    List<String> keywords = keywords(path);
    List<ItemSummary> items = new ArrayList<>();
    for (Path file : files(path)) {
      try {
        items.add(
            new ItemSummary(
                id(file),
                Files.size(file),
                flags(file, keywords),
                Instant.ofEpochSecond(
                    Files.getLastModifiedTime(file).toInstant().getEpochSecond())));
      } catch (NoSuchFileException e) {
        // Renamed or removed by somebody while we looked: the next listing tells.
        continue;
      }
    }
    return items;
  }

  private static Set<String> flags(Path file, List<String> keywords) {
    String name = file.getFileName().toString();
    int colon = name.indexOf(":2,");
    Set<String> flags = new HashSet<>();
    if (colon < 0) return flags;
    for (char letter : name.substring(colon + 3).toCharArray()) {
      int system = LETTERS.indexOf(letter);
      if (system >= 0) flags.add(SYSTEM.get(system));
      int keyword = letter - 'a';
      if (keyword >= 0 && keyword < keywords.size() && !keywords.get(keyword).isEmpty()) {
        flags.add(keywords.get(keyword));
      }
    }
    return flags;
  }

  private static List<String> keywords(Path folder) throws IOException {
    Path file = folder.resolve(KEYWORDS);
    List<String> keywords = new ArrayList<>();
    if (!Files.exists(file)) return keywords;
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split(" ", 2);
      if (parts.length != 2) continue;
      int index = Integer.parseInt(parts[0]);
      if (index < 0 || index >= KEYWORDS_MAX) continue;
      while (keywords.size() <= index) keywords.add("");
      keywords.set(index, parts[1]);
    }
    return keywords;
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) throws IOException {
    Map<String, Path> files = byId(root.resolve(folder.key()));
    return new LocalReader(
        items,
        item -> {
          Path file = files.get(item.id());
          return file == null ? Optional.empty() : StoredFile.open(file);
        });
  }

  private static Map<String, Path> byId(Path folder) throws IOException {
    Map<String, Path> files = new HashMap<>();
    for (Path file : files(folder)) files.put(id(file), file);
    return files;
  }

  @Override
  public long itemBytesMax() {
    return Long.MAX_VALUE;
  }

  @Override
  public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
      throws IOException {
    String key = key(path);
    for (String part : List.of("cur", "new", "tmp")) {
      Files.createDirectories(root.resolve(key).resolve(part));
    }
    if (!key.isEmpty() && !Files.exists(root.resolve(key).resolve("maildirfolder"))) {
      Files.createFile(root.resolve(key).resolve("maildirfolder"));
    }
    return folder(key);
  }

  @Override
  public String position(MailFolder folder) {
    return "";
  }

  @Override
  public ItemWriter write(MailFolder folder) {
    return new Writer(root.resolve(folder.key()));
  }

  @Override
  public void setFlags(MailFolder folder, List<String> ids, Set<String> flags) throws IOException {
    Path path = root.resolve(folder.key());
    Map<String, Path> files = byId(path);
    String letters = letters(path, flags);
    for (String id : ids) {
      Path file = files.get(id);
      if (file == null) continue;
      Path named = path.resolve("cur").resolve(id + ":2," + letters);
      Files.move(file, named, StandardCopyOption.ATOMIC_MOVE);
    }
    StoredFile.forceFolder(path.resolve("cur"));
  }

  /// Letters for flags, sorted; a new keyword gets the next free letter.
  private static synchronized String letters(Path folder, Set<String> flags) throws IOException {
    TreeSet<Character> letters = new TreeSet<>();
    List<String> keywords = keywords(folder);
    boolean changed = false;
    for (String flag : flags) {
      int system = SYSTEM.indexOf(flag);
      if (system >= 0) {
        letters.add(LETTERS.charAt(system));
        continue;
      }
      if (flag.startsWith("\\") || flag.contains("\n")) continue;
      int index = keywords.indexOf(flag);
      if (index < 0 && keywords.size() < KEYWORDS_MAX) {
        index = keywords.size();
        keywords.add(flag);
        changed = true;
      }
      if (index >= 0) letters.add((char) ('a' + index));
    }
    if (changed) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < keywords.size(); i++) {
        lines.append(i).append(' ').append(keywords.get(i)).append('\n');
      }
      byte[] octets = lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      StoredFile.write(
          folder.resolve(KEYWORDS + ".tmp"),
          folder.resolve(KEYWORDS),
          Content.of(octets),
          ItemSummary.NO_DATE);
    }
    StringBuilder text = new StringBuilder();
    letters.forEach(text::append);
    return text.toString();
  }

  @Override
  public void remove(MailFolder folder, List<String> ids) throws IOException {
    Path path = root.resolve(folder.key());
    Map<String, Path> files = byId(path);
    for (String id : ids) {
      Path file = files.get(id);
      if (file != null) Files.deleteIfExists(file);
    }
    StoredFile.forceFolder(path.resolve("cur"));
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) throws IOException {
    List<String> keywords = keywords(root.resolve(folder.key()));
    int free = KEYWORDS_MAX - keywords.size();
    Set<String> kept = new HashSet<>();
    for (String flag : flags) {
      if (SYSTEM.contains(flag) || keywords.contains(flag)) {
        kept.add(flag);
      } else if (!flag.startsWith("\\") && free-- > 0) {
        kept.add(flag);
      }
    }
    return kept;
  }

  @Override
  public void close() {}

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
      List<WriteResult> results = new ArrayList<>();
      for (NewItem item : batch) {
        String seconds = Long.toString(item.received().getEpochSecond());
        String id =
            "%s.%s.mailstead,S=%d".formatted(seconds, UUID.randomUUID(), item.content().length());
        Path file = folder.resolve("cur").resolve(id + ":2," + letters(folder, item.flags()));
        StoredFile.write(folder.resolve("tmp").resolve(id), file, item.content(), item.received());
        results.add(new WriteResult.Written(id));
      }
      StoredFile.forceFolder(folder.resolve("cur"));
      done.add(results);
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
