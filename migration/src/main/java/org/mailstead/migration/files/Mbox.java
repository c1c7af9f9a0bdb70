package org.mailstead.migration.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import java.util.zip.GZIPInputStream;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
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

/// One mbox file, or a folder tree of them, each file a mail folder. Read as a stream: its size
/// does not matter. A file whose name ends in `.gz` is read as what is packed in it.
///
/// A message begins with a line `From ` that has a time of day and a year, at the beginning or
/// after an empty line. `>From ` loses one `>` (mboxrd); bare LF becomes CRLF. Content-Length is
/// not trusted. Flags come from Status, X-Status, X-Keywords and Thunderbird's fields. An item's id
/// is the offset of its `From ` line, or the one of its [MboxStamp].
///
/// As a target: a file for each folder, those below in `Name.sbd` as Thunderbird has them, every
/// message with its stamp. A batch is appended and forced to disk; a torn end that a crash left is
/// cut off when the folder is first worked on ([MboxFile]).
///
/// @spec https://www.rfc-editor.org/rfc/rfc4155 RFC 4155
public final class Mbox implements Target {
  /// Thunderbird's indexes and ours beside the mail.
  private static final Set<String> NO_MAIL = Set.of(".msf", ".dat", ".json", ".html");

  private final Path path;
  private final ContentSpool spool;
  private final Map<Path, MboxFile> files = new HashMap<>();

  public Mbox(Path path, ContentSpool spool) {
    this.path = path;
    this.spool = spool;
  }

  @Override
  public String identity() {
    return "mbox " + path;
  }

  @Override
  public List<MailFolder> folders() throws IOException {
    if (Files.isRegularFile(path)) return List.of(folder(path, FolderPath.INBOX));
    List<MailFolder> folders = new ArrayList<>();
    if (!Files.isDirectory(path)) return folders;
    try (Stream<Path> files = Files.walk(path, FolderPath.DEPTH_MAX)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (isMbox(file)) folders.add(folder(file, name(file)));
      }
    }
    folders.sort(java.util.Comparator.comparing(MailFolder::path));
    return folders;
  }

  private FolderPath name(Path file) {
    // Thunderbird keeps subfolders in `Name.sbd`; others end their files with .mbox.
    String name = path.relativize(file).toString().replace(".sbd/", "/");
    name = name.replaceFirst("\\.gz$", "").replaceFirst("\\.mbox$", "");
    return FileNames.decode(List.of(name.split("/", -1)));
  }

  /// The file of a folder: its own endings are written otherwise, so that they come back.
  private Path file(FolderPath folder) {
    Path at = path;
    for (int i = 0; i < folder.names().size(); i++) {
      String name = FileNames.encode(folder.names().get(i));
      String lower = name.toLowerCase(Locale.ROOT);
      for (String ending : List.of(".sbd", ".mbox", ".gz", ".msf", ".dat", ".json", ".html")) {
        if (lower.endsWith(ending)) {
          int dot = name.length() - ending.length();
          name = name.substring(0, dot) + "%002e" + name.substring(dot + 1);
        }
      }
      at = at.resolve(i == folder.names().size() - 1 ? name : name + ".sbd");
    }
    return at;
  }

  private static boolean isMbox(Path file) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.startsWith(".") || NO_MAIL.stream().anyMatch(name::endsWith)) return false;
    if (Files.size(file) == 0) return true;
    try (InputStream in = open(file, 0)) {
      return new String(in.readNBytes(5), StandardCharsets.US_ASCII).equals("From ");
    } catch (java.util.zip.ZipException e) {
      return false;
    }
  }

  private static MailFolder folder(Path file, FolderPath name) throws IOException {
    return new MailFolder(
        file.toString(),
        name,
        name.isInbox() ? FolderRole.INBOX : FolderRole.NONE,
        "",
        -1,
        Files.size(file),
        true,
        true);
  }

  private static boolean isPacked(Path file) {
    return file.toString().endsWith(".gz");
  }

  private static InputStream open(Path file, long offset) throws IOException {
    if (isPacked(file)) {
      InputStream in =
          new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file)), 1 << 16);
      in.skipNBytes(offset);
      return in;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(offset);
    return Channels.newInputStream(channel);
  }

  private static MboxInput input(Path file) {
    return new MboxInput() {
      @Override
      public InputStream open(long offset) throws IOException {
        return Mbox.open(file, offset);
      }

      @Override
      public boolean isSeekable() {
        return !isPacked(file);
      }
    };
  }

  /// What is known of a folder's file while this is open.
  private MboxFile state(MailFolder folder) {
    Path file = Path.of(folder.key());
    synchronized (files) {
      return files.computeIfAbsent(file, MboxFile::new);
    }
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    return new FolderListing.Complete(
        MboxReader.list(input(Path.of(folder.key())), 0, state(folder)::remember), "");
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) throws IOException {
    Path file = Path.of(folder.key());
    return new MboxReader(input(file), items, state(folder)::offset, spool);
  }

  @Override
  public long itemBytesMax() {
    return Long.MAX_VALUE;
  }

  @Override
  public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
      throws IOException {
    if (Files.isRegularFile(this.path)) {
      throw new RefusedException(
          Refusal.WRONG_STATE, this.path + " is a file; the target is a folder of mbox files");
    }
    Path file = file(path);
    Path parent = java.util.Objects.requireNonNull(file.getParent(), "a file in no folder");
    Files.createDirectories(parent);
    if (!Files.exists(file)) {
      Files.createFile(file);
      StoredFile.forceFolder(parent);
    }
    MailFolder folder = folder(file, path);
    state(folder).recover();
    return folder;
  }

  @Override
  public String position(MailFolder folder) throws IOException {
    MboxFile state = state(folder);
    state.recover();
    return Long.toString(Files.size(Path.of(folder.key())));
  }

  @Override
  public List<ItemSummary> listSince(MailFolder folder, String position) throws IOException {
    Path file = Path.of(folder.key());
    MboxFile state = state(folder);
    state.recover();
    long from = position.isEmpty() ? 0 : Long.parseLong(position);
    // Whoever rewrote the file meanwhile has moved what was there.
    if (from > 0 && !state.isBoundary(from)) from = 0;
    return MboxReader.list(input(file), from, state::remember);
  }

  @Override
  public ItemWriter write(MailFolder folder) throws IOException {
    MboxFile state = state(folder);
    state.recover();
    return new Writer(state);
  }

  @Override
  public void setFlags(MailFolder folder, List<String> ids, Set<String> flags) throws IOException {
    MboxFile state = state(folder);
    state.recover();
    state.setFlags(new HashSet<>(ids), keepable(folder, flags));
  }

  @Override
  public void remove(MailFolder folder, List<String> ids) throws IOException {
    MboxFile state = state(folder);
    state.recover();
    state.remove(new HashSet<>(ids));
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) {
    Set<String> kept = new HashSet<>();
    for (String flag : flags) {
      switch (flag) {
        case "\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted" -> kept.add(flag);
        default -> {
          if (MboxStamp.isKeyword(flag)) kept.add(flag);
        }
      }
    }
    return kept;
  }

  @Override
  public void close() {}

  private static final class Writer implements ItemWriter {
    private final MboxFile file;
    private final Deque<List<WriteResult>> done = new ArrayDeque<>();

    Writer(MboxFile file) {
      this.file = file;
    }

    @Override
    public int batchesInFlightMax() {
      return 1;
    }

    @Override
    public void send(List<NewItem> batch) throws IOException {
      List<WriteResult> results = new ArrayList<>(batch.size());
      for (String id : file.append(batch)) results.add(new WriteResult.Written(id));
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
