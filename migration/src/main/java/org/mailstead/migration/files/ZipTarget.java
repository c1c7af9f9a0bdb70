package org.mailstead.migration.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.files.ZipRecords.Entry;
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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A zip archive to write into: `.eml` files in folders with Mailstead's manifest, in the layout of
/// our own exports (docs/operations/export.md), which is WorkMail's with a manifest.
///
/// The file's front is a log ([ZipLog]): a message, a folder, or a change (`.mailstead/…`: other
/// flags, removed items) is an entry that is appended and forced to disk before it is acknowledged.
/// [#finish] writes manifest and directory behind it; the next run cuts them off and goes on. After
/// a kill the log alone says everything. Entries of changes and of removed messages are in no
/// directory; when they are more than a quarter of the archive it is written anew.
public final class ZipTarget implements Target {
  private static final String OURS = ".mailstead/";
  private static final String README = "README.txt";
  private static final int NOTE_FIXED_BYTES = 44;

  /// A local header takes no more.
  private static final int FLAGS_BYTES_MAX = 60_000;

  private static final long DEAD_BYTES_MIN = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final String identity;
  private final ContentSpool spool;
  private final Publication publication;
  private final Map<FolderPath, Entry> folders = new TreeMap<>();
  private final Map<String, Stored> messages = new LinkedHashMap<>();
  private ZipLog log;
  private long numberNext = 1;
  private long deadBytes;
  private boolean sealed;

  /// A message in the archive.
  private record Stored(
      Entry entry, FolderPath folder, Set<String> flags, Instant received, byte[] sha256) {
    Stored with(Set<String> other) {
      return new Stored(entry, folder, other, received, sha256);
    }
  }

  /// Where a sealed archive goes from here.
  interface Publication {
    /// After every run, changed or not.
    void publish(Path sealed) throws IOException;

    void close();

    /// It stays where it is.
    static Publication none() {
      return new Publication() {
        @Override
        public void publish(Path sealed) {}

        @Override
        public void close() {}
      };
    }
  }

  public ZipTarget(Path file, ContentSpool spool) throws IOException {
    this(file, "zip archive " + file, spool, Publication.none());
  }

  ZipTarget(Path file, String identity, ContentSpool spool, Publication publication)
      throws IOException {
    this.file = file;
    this.identity = identity;
    this.spool = spool;
    this.publication = publication;
    this.log = new ZipLog(file);
    boolean sound = false;
    try {
      load();
      sound = true;
    } finally {
      if (!sound) log.close();
    }
  }

  private void load() throws IOException {
    log.load((entry, note) -> {
      String name = entry.name();
      if (name.equals(README) || name.equals(ZipTree.MANIFEST)) return false;
      numberNext = Math.max(numberNext, number(name) + 1);
      if (name.startsWith(OURS)) {
        deadBytes += entry.packed();
        try (InputStream in = log.open(entry)) {
          change(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      } else if (entry.isFolder()) {
        folders.put(FolderPath.parse(new String(note, StandardCharsets.UTF_8)), entry);
      } else {
        messages.put(name, stored(entry, note));
      }
      return true;
    });
    sealed = log.hasTail() && hasDirectory();
    if (log.isForeign()) {
      throw new RefusedException(
          Refusal.WRONG_STATE, file + " was not written by a migration: choose another name");
    }
  }

  /// Whether manifest and directory are there, whole and of this log.
  private boolean hasDirectory() {
    long[] count = {0};
    try {
      ZipDirectory.read(log.octets(), _ -> count[0]++);
      return count[0] == folders.size() + messages.size() + 2;
    } catch (IOException | IndexOutOfBoundsException e) {
      return false;
    }
  }

  /// `Projects/0000000042.eml` is 42.
  private static long number(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1).replaceFirst("\\.eml$", "");
    return last.matches("\\d{1,18}") ? Long.parseLong(last) : 0;
  }

  private static byte[] note(Stored message) {
    byte[] flags = String.join(" ", message.flags()).getBytes(StandardCharsets.UTF_8);
    Instant received = message.received();
    return ByteBuffer.allocate(NOTE_FIXED_BYTES + flags.length)
        .putLong(received.getEpochSecond())
        .putInt(received.getNano())
        .put(message.sha256())
        .put(flags)
        .array();
  }

  private static Stored stored(Entry entry, byte[] note) {
    ByteBuffer octets = ByteBuffer.wrap(note);
    Instant received = Instant.ofEpochSecond(octets.getLong(), octets.getInt());
    byte[] sha256 = new byte[32];
    octets.get(sha256);
    byte[] flags = new byte[octets.remaining()];
    octets.get(flags);
    return new Stored(entry, folder(entry.name()), flags(flags), received, sha256);
  }

  private static Set<String> flags(byte[] words) {
    Set<String> flags =
        new TreeSet<>(List.of(new String(words, StandardCharsets.UTF_8).split(" ")));
    flags.remove("");
    return Set.copyOf(flags);
  }

  private static FolderPath folder(String name) {
    List<String> parts = List.of(name.split("/", -1));
    return FileNames.decode(parts.subList(0, parts.size() - 1));
  }

  private static String place(FolderPath folder) {
    return FileNames.encode(folder);
  }

  /// Lines `flags<TAB>name<TAB>words` and `removed<TAB>name`.
  private void change(String lines) {
    for (String line : lines.split("\n", -1)) {
      String[] parts = line.split("\t", -1);
      Stored message = parts.length < 2 ? null : messages.get(parts[1]);
      if (message == null) continue;
      if (parts[0].equals("removed")) {
        messages.remove(parts[1]);
        deadBytes += message.entry().packed();
      } else if (parts[0].equals("flags") && parts.length == 3) {
        Set<String> flags = flags(parts[2].getBytes(StandardCharsets.UTF_8));
        messages.put(parts[1], message.with(flags));
      }
    }
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public synchronized List<MailFolder> folders() {
    Map<FolderPath, long[]> sums = new TreeMap<>();
    for (FolderPath folder : folders.keySet()) sums.put(folder, new long[2]);
    for (Stored message : messages.values()) {
      long[] sum = sums.computeIfAbsent(message.folder(), _ -> new long[2]);
      sum[0]++;
      sum[1] += message.entry().size();
    }
    List<MailFolder> listed = new ArrayList<>();
    sums.forEach((path, sum) -> listed.add(folder(path, sum[0], sum[1])));
    return listed;
  }

  private static MailFolder folder(FolderPath path, long count, long bytes) {
    FolderRole role = path.isInbox() ? FolderRole.INBOX : FolderRole.NONE;
    return new MailFolder(path.text(), path, role, "", count, bytes, true, true);
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) {
    return new FolderListing.Complete(listSince(folder, ""), "");
  }

  @Override
  public synchronized List<ItemSummary> listSince(MailFolder folder, String position) {
    long first = position.isEmpty() ? 0 : Long.parseLong(position);
    List<ItemSummary> items = new ArrayList<>();
    for (Stored message : messages.values()) {
      if (!message.folder().equals(folder.path()) || number(message.entry().name()) < first) {
        continue;
      }
      items.add(
          new ItemSummary(
              message.entry().name(), message.entry().size(), message.flags(), message.received()));
    }
    return items;
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new LocalReader(items, item -> open(item.id()));
  }

  private Optional<Content> open(String id) throws IOException {
    Stored message;
    ZipLog from;
    synchronized (this) {
      message = messages.get(id);
      from = log;
    }
    if (message == null) return Optional.empty();
    try (InputStream in = from.open(message.entry());
        ContentSpool.Writer writer = spool.newWriter()) {
      byte[] chunk = new byte[1 << 16];
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) writer.write(chunk, 0, got);
      return Optional.of(writer.finish());
    }
  }

  @Override
  public long itemBytesMax() {
    // An entry that deflate makes longer must still fit into four octets.
    return ZipRecords.FOUR_BYTES_MAX - (1 << 24);
  }

  @Override
  public synchronized MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
      throws IOException {
    if (!folders.containsKey(path)) {
      byte[] note = path.text().getBytes(StandardCharsets.UTF_8);
      InputStream nothing = InputStream.nullInputStream();
      appending(() -> {
        folders.put(path, log.append(place(path) + "/", 0, note, nothing));
        return true;
      });
    }
    return folder(path, -1, -1);
  }

  /// What appends to the log.
  @FunctionalInterface
  private interface Appending<T> {
    T run() throws IOException;
  }

  /// Appends and waits for the disk; after a failure the log is as it was.
  private <T> T appending(Appending<T> work) throws IOException {
    if (log.hasTail()) log.truncate(log.end());
    sealed = false;
    long start = log.end();
    boolean done = false;
    try {
      T result = work.run();
      log.force();
      done = true;
      return result;
    } finally {
      if (!done) log.truncate(start);
    }
  }

  @Override
  public synchronized String position(MailFolder folder) {
    return Long.toString(numberNext);
  }

  @Override
  public ItemWriter write(MailFolder folder) {
    return new Writer(folder.path());
  }

  private synchronized List<WriteResult> append(FolderPath folder, List<NewItem> batch)
      throws IOException {
    List<Stored> fresh =
        appending(() -> {
          List<Stored> written = new ArrayList<>();
          for (NewItem item : batch) written.add(append(folder, item));
          return written;
        });
    List<WriteResult> results = new ArrayList<>();
    for (Stored message : fresh) {
      messages.put(message.entry().name(), message);
      results.add(new WriteResult.Written(message.entry().name()));
    }
    return results;
  }

  private Stored append(FolderPath folder, NewItem item) throws IOException {
    String name = "%s/%010d.eml".formatted(place(folder), numberNext++);
    Set<String> flags = kept(item.flags());
    Entry none = new Entry(name, 0, 0, 0, 0, 0, 0, 0);
    Stored draft = new Stored(none, folder, flags, item.received(), sha256(item.content()));
    try (InputStream in = item.content().open()) {
      long seconds = item.received().getEpochSecond();
      Entry entry = log.append(name, seconds, note(draft), in);
      return new Stored(entry, folder, flags, item.received(), draft.sha256());
    }
  }

  private static byte[] sha256(Content content) throws IOException {
    try (InputStream in = content.open()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] chunk = new byte[1 << 16];
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) digest.update(chunk, 0, got);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static Set<String> kept(Set<String> flags) {
    Set<String> kept = new TreeSet<>();
    int bytes = 0;
    for (String flag : new TreeSet<>(flags)) {
      if (flag.isEmpty() || flag.chars().anyMatch(c -> c <= ' ')) continue;
      bytes += flag.getBytes(StandardCharsets.UTF_8).length + 1;
      if (bytes <= FLAGS_BYTES_MAX) kept.add(flag);
    }
    return Set.copyOf(kept);
  }

  private void note(String lines) throws IOException {
    InputStream octets = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
    String name = "%s%010d".formatted(OURS, numberNext++);
    appending(() -> log.append(name, 0, new byte[0], octets));
    change(lines);
  }

  @Override
  public synchronized void setFlags(MailFolder folder, List<String> ids, Set<String> flags)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    String words = String.join(" ", kept(flags));
    for (String id : ids) {
      if (messages.containsKey(id)) lines.append("flags\t%s\t%s\n".formatted(id, words));
    }
    if (!lines.isEmpty()) note(lines.toString());
  }

  @Override
  public synchronized void remove(MailFolder folder, List<String> ids) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String id : ids) {
      if (messages.containsKey(id)) lines.append("removed\t%s\n".formatted(id));
    }
    if (!lines.isEmpty()) note(lines.toString());
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) {
    return kept(flags);
  }

  /// Makes it an archive that opens without us.
  @Override
  public synchronized void finish() throws IOException {
    if (!sealed) seal();
    publication.publish(file);
  }

  private void seal() throws IOException {
    if (deadBytes > DEAD_BYTES_MIN && deadBytes > log.end() / 4) writeAnew();
    if (log.hasTail()) log.truncate(log.end());
    long end = log.end();
    boolean done = false;
    try {
      Entry readme = log.append(README, 0, new byte[0], octets(readme()));
      Entry manifest;
      try (ZipManifest lines = manifest();
          InputStream in = lines.open()) {
        manifest = log.append(ZipTree.MANIFEST, 0, new byte[0], in);
      }
      long start = log.end();
      long bytes = 0;
      long count = 0;
      OutputStream out = log.tail();
      List<Entry> entries = new ArrayList<>(folders.values());
      messages.values().forEach(message -> entries.add(message.entry()));
      entries.add(readme);
      entries.add(manifest);
      for (Entry entry : entries) {
        ByteBuffer record = ZipRecords.central(entry);
        bytes += record.remaining();
        count++;
        out.write(octets(record));
      }
      ByteBuffer record = ZipRecords.end(count, start, bytes);
      out.write(octets(record));
      out.flush();
      log.force();
      done = true;
    } finally {
      if (done) log.rewind(end);
      else log.truncate(end);
    }
    sealed = true;
  }

  private static byte[] octets(ByteBuffer record) {
    byte[] octets = new byte[record.remaining()];
    record.get(octets);
    return octets;
  }

  private static InputStream octets(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String readme() {
    return """
    A mailbox, carried over by Mailstead.

    Each folder of the mailbox is a folder here. Each message is a file <number>.eml, octet for
    octet as it was (RFC 5322); every mail program opens it.

    manifest.jsonl says what a message file cannot: one JSON object a line with the true name of
    each folder, and for each file its flags, keywords, time of arrival (UTC), size and SHA-256.
    """;
  }

  private ZipManifest manifest() {
    ZipManifest lines = new ZipManifest(spool);
    lines.add(JSON.createObjectNode().put("type", "export").put("format", 1));
    for (FolderPath folder : folders.keySet()) {
      ObjectNode line = JSON.createObjectNode().put("type", "folder").put("place", place(folder));
      ArrayNode names = line.putArray("path");
      folder.names().forEach(names::add);
      lines.add(line);
    }
    for (Stored message : messages.values()) {
      ObjectNode line =
          JSON.createObjectNode().put("type", "message").put("file", message.entry().name());
      ArrayNode flags = line.putArray("flags");
      ArrayNode keywords = line.putArray("keywords");
      for (String flag : new TreeSet<>(message.flags())) {
        (flag.startsWith("\\") ? flags : keywords).add(flag);
      }
      if (!message.received().equals(ItemSummary.NO_DATE)) {
        line.put("received", message.received().toString());
      }
      line.put("size", message.entry().size());
      line.put("sha256", HexFormat.of().formatHex(message.sha256()));
      lines.add(line);
    }
    lines.add(
        JSON.createObjectNode()
            .put("type", "end")
            .put("folders", folders.size())
            .put("messages", messages.size()));
    return lines;
  }

  /// Leaves out what is in no directory any more; the old file stays until the new one is whole.
  private void writeAnew() throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    ZipLog old = log;
    Map<FolderPath, Entry> freshFolders = new TreeMap<>();
    Map<String, Stored> freshMessages = new LinkedHashMap<>();
    ZipLog to = new ZipLog(fresh);
    boolean done = false;
    try {
      for (Map.Entry<FolderPath, Entry> each : folders.entrySet()) {
        byte[] note = each.getKey().text().getBytes(StandardCharsets.UTF_8);
        freshFolders.put(each.getKey(), to.append(each.getValue(), note, old));
      }
      for (Stored message : messages.values()) {
        Entry entry = to.append(message.entry(), note(message), old);
        freshMessages.put(
            entry.name(),
            new Stored(
                entry, message.folder(), message.flags(), message.received(), message.sha256()));
      }
      // Numbers that were given out are not given out again.
      Entry last = to.append("%s%010d".formatted(OURS, numberNext++), 0, new byte[0], octets(""));
      to.force();
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      StoredFile.forceFolder(java.util.Objects.requireNonNull(file.toAbsolutePath().getParent()));
      deadBytes = last.packed();
      done = true;
    } finally {
      if (!done) to.close();
    }
    folders.putAll(freshFolders);
    messages.putAll(freshMessages);
    log = to;
    old.close();
  }

  @Override
  public synchronized void close() {
    publication.close();
    try {
      log.close();
    } catch (IOException e) {
      // Everything that was acknowledged is on disk.
      return;
    }
  }

  private final class Writer implements ItemWriter {
    private final FolderPath folder;
    private final Deque<List<WriteResult>> done = new ArrayDeque<>();

    Writer(FolderPath folder) {
      this.folder = folder;
    }

    @Override
    public int batchesInFlightMax() {
      return 1;
    }

    @Override
    public void send(List<NewItem> batch) throws IOException {
      done.add(append(folder, batch));
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
