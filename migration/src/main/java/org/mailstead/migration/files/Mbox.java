package org.mailstead.migration.files;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.formats.mime.Dates;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;

/// One mbox file, or a folder tree of them, each file a mail folder. Read as a stream: its size
/// does not matter.
///
/// A message begins with a line `From ` that has a time of day and a year, at the beginning or
/// after an empty line. `>From ` loses one `>` (mboxrd); bare LF becomes CRLF. Content-Length is
/// not trusted. Flags come from Status and X-Status. An item's id is the offset of its `From `
/// line.
///
/// @spec https://www.rfc-editor.org/rfc/rfc4155 RFC 4155
public final class Mbox implements Source {
  private static final Pattern SEPARATOR =
      Pattern.compile(
          "From .*\\d{1,2}:\\d{2}(:\\d{2})?.*\\b(19|20)\\d{2}\\b.*|From .*\\b(19|20)\\d{2}\\b.*\\d{1,2}:\\d{2}.*");
  private static final Pattern QUOTED = Pattern.compile(">+From .*", Pattern.DOTALL);
  private static final int LINE_BYTES_MAX = 1 << 20;
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path path;
  private final ContentSpool spool;

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
    try (Stream<Path> files = Files.walk(path, FolderPath.DEPTH_MAX)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (!isMbox(file)) continue;
        String name = path.relativize(file).toString();
        // Thunderbird keeps subfolders in `Name.sbd`; others end their files with .mbox.
        name = name.replace(".sbd/", "/").replaceFirst("\\.mbox$", "");
        folders.add(folder(file, FileNames.decode(List.of(name.split("/", -1)))));
      }
    }
    folders.sort(java.util.Comparator.comparing(MailFolder::path));
    return folders;
  }

  private static boolean isMbox(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(5), StandardCharsets.US_ASCII).equals("From ");
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

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    List<ItemSummary> items = new ArrayList<>();
    try (Lines lines = new Lines(Path.of(folder.key()), 0)) {
      long start = -1;
      Instant received = ItemSummary.NO_DATE;
      Set<String> flags = new HashSet<>();
      boolean header = false;
      while (lines.next()) {
        if (lines.isSeparator()) {
          if (start >= 0) items.add(summary(start, lines.offset - start, flags, received));
          start = lines.offset;
          received = date(lines.text()).orElse(ItemSummary.NO_DATE);
          flags = new HashSet<>();
          header = true;
        } else if (header) {
          String text = lines.text();
          if (text.isEmpty()) header = false;
          status(text, flags);
        }
      }
      if (start >= 0) items.add(summary(start, lines.offset - start, flags, received));
    }
    return new FolderListing.Complete(items, "");
  }

  private static ItemSummary summary(long start, long length, Set<String> flags, Instant received) {
    return new ItemSummary(Long.toString(start), length, flags, received);
  }

  private static Optional<Instant> date(String separator) {
    String[] words = separator.split(" +", 3);
    return words.length < 3 ? Optional.empty() : Dates.parse(words[2]).map(d -> d.toInstant());
  }

  private static void status(String line, Set<String> flags) {
    String lower = line.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("status:") && !lower.startsWith("x-status:")) return;
    for (char letter : line.substring(line.indexOf(':') + 1).toCharArray()) {
      switch (letter) {
        case 'R' -> flags.add("\\Seen");
        case 'A' -> flags.add("\\Answered");
        case 'F' -> flags.add("\\Flagged");
        case 'T' -> flags.add("\\Draft");
        case 'D' -> flags.add("\\Deleted");
        default -> {}
      }
    }
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new LocalReader(items, item -> open(Path.of(folder.key()), Long.parseLong(item.id())));
  }

  private Optional<Content> open(Path file, long offset) throws IOException {
    try (Lines lines = new Lines(file, offset);
        ContentSpool.Writer writer = spool.newWriter()) {
      if (!lines.next() || !lines.isSeparator()) return Optional.empty();
      // The empty line before the next separator belongs to the separator.
      boolean empty = false;
      while (lines.next() && !lines.isSeparator()) {
        if (empty) writer.write(new byte[] {'\r', '\n'}, 0, 2);
        empty = lines.isEmptyLine();
        if (!empty) lines.writeTo(writer);
      }
      return Optional.of(writer.finish());
    }
  }

  @Override
  public void close() {}

  /// Lines of a file; the parts of an overlong line come one after the other.
  private static final class Lines implements AutoCloseable {
    private final FileChannel channel;
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long offset;
    private long nextOffset;
    private boolean afterEmpty = true;
    private boolean continued;
    private boolean continues;
    private boolean terminated;

    Lines(Path file, long start) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      channel.position(start);
      in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
      nextOffset = start;
    }

    boolean next() throws IOException {
      if (nextOffset > offset || line.size() > 0) afterEmpty = isEmptyLine() || line.size() == 0;
      continued = continues;
      offset = nextOffset;
      line.reset();
      continues = false;
      terminated = false;
      while (true) {
        int c = in.read();
        if (c < 0) {
          return line.size() > 0;
        }
        nextOffset++;
        line.write(c);
        if (c == '\n') {
          terminated = true;
          return true;
        }
        if (line.size() >= LINE_BYTES_MAX) {
          continues = true;
          return true;
        }
      }
    }

    boolean isEmptyLine() {
      int size = line.size();
      return terminated
          && !continued
          && (size == 1 || (size == 2 && line.toByteArray()[0] == '\r'));
    }

    String text() {
      return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    boolean isSeparator() {
      if (!afterEmpty || continued || line.size() < 10 || line.size() > 1_000) return false;
      byte[] octets = line.toByteArray();
      if (octets[0] != 'F' || octets[1] != 'r' || octets[4] != ' ') return false;
      return SEPARATOR.matcher(text()).matches();
    }

    void writeTo(ContentSpool.Writer writer) {
      byte[] octets = line.toByteArray();
      int start = 0;
      int count = octets.length;
      if (!continued && octets[0] == '>' && QUOTED.matcher(text()).matches()) start = 1;
      if (!terminated) {
        writer.write(octets, start, count - start);
        return;
      }
      count -= count > 1 && octets[count - 2] == '\r' ? 2 : 1;
      writer.write(octets, start, count - start);
      writer.write(new byte[] {'\r', '\n'}, 0, 2);
    }

    @Override
    public void close() throws IOException {
      in.close();
      channel.close();
    }
  }
}
