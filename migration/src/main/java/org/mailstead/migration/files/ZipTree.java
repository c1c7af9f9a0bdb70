package org.mailstead.migration.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.files.ZipRecords.Entry;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A zip archive of `.eml` files, such as WorkMail's mailbox export, in a file or in a bucket.
/// Folders are the directories in it. Where it has Mailstead's manifest
/// (docs/operations/export.md), that tells true names, flags and dates; where it has none,
/// everything counts as seen and dates are those that the headers tell.
public final class ZipTree implements Source {
  static final String MANIFEST = "manifest.jsonl";
  private static final int COPY_BYTES = 1 << 16;
  private static final int MANIFEST_LINE_CHARS_MAX = 1 << 20;

  /// A message grows in no archive to more than this.
  private static final long MESSAGE_BYTES_MAX = 4L << 30;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String identity;
  private final RandomOctets zip;
  private final ContentSpool spool;
  private final Map<FolderPath, List<String>> folders = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Told> told = new HashMap<>();

  /// What the manifest tells of a message.
  private record Told(Set<String> flags, Instant received) {}

  public ZipTree(Path path, ContentSpool spool) throws IOException {
    this("zip archive " + path, RandomOctets.of(path), spool);
  }

  /// @param zip is closed with this
  ZipTree(String identity, RandomOctets zip, ContentSpool spool) throws IOException {
    this.identity = identity;
    this.zip = zip;
    this.spool = spool;
    boolean sound = false;
    try {
      ZipDirectory.read(zip, this::take);
      Map<String, FolderPath> names = readManifest();
      for (String id : entries.keySet().stream().sorted().toList()) sort(id, names);
      sound = true;
    } catch (IOException e) {
      throw new IOException(identity + ": " + e.getMessage(), e);
    } finally {
      if (!sound) zip.close();
    }
  }

  private void take(Entry entry) {
    String id = entry.name();
    for (int i = 2; entries.containsKey(id); i++) id = entry.name() + "#" + i;
    entries.put(id, entry);
  }

  private void sort(String id, Map<String, FolderPath> names) {
    String name = java.util.Objects.requireNonNull(entries.get(id)).name().replace('\\', '/');
    int slash = name.lastIndexOf('/');
    String place = slash < 0 ? "" : name.substring(0, slash);
    FolderPath told = names.get(place);
    if (name.endsWith("/")) {
      // An empty folder of somebody else is not told from one that only holds others.
      if (told != null) folders.computeIfAbsent(told, _ -> new ArrayList<>());
      return;
    }
    if (!name.toLowerCase(Locale.ROOT).endsWith(".eml")) return;
    FolderPath folder = told != null ? told : FileNames.decode(Arrays.asList(place.split("/", -1)));
    folders.computeIfAbsent(folder, _ -> new ArrayList<>()).add(id);
  }

  /// The true names of the folders by their places; empty without a manifest.
  private Map<String, FolderPath> readManifest() throws IOException {
    Map<String, FolderPath> names = new HashMap<>();
    Entry manifest = entries.get(MANIFEST);
    if (manifest == null) return names;
    Map<Set<String>, Set<String>> sets = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(ZipRecords.open(zip, manifest), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.length() > MANIFEST_LINE_CHARS_MAX) throw new IOException("a line is too long");
        JsonNode node = JSON.readTree(line);
        switch (node.path("type").asString("")) {
          case "folder" -> {
            List<String> path = texts(node.path("path"));
            if (path.isEmpty() || path.size() > FolderPath.DEPTH_MAX) continue;
            if (path.getFirst().equalsIgnoreCase("INBOX")) path.set(0, "INBOX");
            FolderPath folder = new FolderPath(path);
            names.put(node.path("place").asString(""), folder);
            folders.computeIfAbsent(folder, _ -> new ArrayList<>());
          }
          case "message" -> {
            Set<String> flags = new HashSet<>(texts(node.path("flags")));
            flags.addAll(texts(node.path("keywords")));
            Set<String> same = sets.computeIfAbsent(Set.copyOf(flags), set -> set);
            told.put(
                node.path("file").asString(""),
                new Told(same, received(node.path("received").asString(""))));
          }
          default -> {}
        }
      }
    } catch (JacksonException e) {
      throw new IOException("its manifest is damaged", e);
    }
    return names;
  }

  private static Instant received(String text) {
    try {
      return text.isEmpty() ? ItemSummary.NO_DATE : Instant.parse(text);
    } catch (DateTimeException e) {
      return ItemSummary.NO_DATE;
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : array) texts.add(each.asString(""));
    return texts;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public List<MailFolder> folders() {
    List<MailFolder> listed = new ArrayList<>();
    folders.forEach((folder, ids) ->
        listed.add(
            new MailFolder(
                folder.text(),
                folder,
                folder.isInbox() ? FolderRole.INBOX : FolderRole.NONE,
                "",
                ids.size(),
                ids.stream().mapToLong(id -> entry(id).map(Entry::size).orElse(0L)).sum(),
                true,
                true)));
    listed.sort(java.util.Comparator.comparing(MailFolder::path));
    return listed;
  }

  private Optional<Entry> entry(String id) {
    return Optional.ofNullable(entries.get(id));
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    for (String id : folders.getOrDefault(folder.path(), List.of())) {
      Entry entry = entry(id).orElseThrow();
      Told known = told.get(entry.name());
      if (known != null) {
        items.add(new ItemSummary(id, entry.size(), known.flags(), known.received()));
        continue;
      }
      items.add(new ItemSummary(id, entry.size(), Set.of("\\Seen"), received(entry)));
    }
    return new FolderListing.Complete(items, "");
  }

  private Instant received(Entry entry) {
    try (InputStream in = ZipRecords.open(zip, entry)) {
      return StoredFile.received(in)
          .orElse(entry.time() < 0 ? ItemSummary.NO_DATE : Instant.ofEpochSecond(entry.time()));
    } catch (IOException e) {
      // Damaged: it is told when it is read.
      return ItemSummary.NO_DATE;
    }
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new LocalReader(items, item -> open(item.id()));
  }

  private Optional<Content> open(String id) throws IOException {
    Optional<Entry> entry = entry(id);
    if (entry.isEmpty()) return Optional.empty();
    try (InputStream in = ZipRecords.open(zip, entry.get());
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
    zip.close();
  }
}
