package org.mailstead.store.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mailstead.store.BlobId;
import org.mailstead.store.PartitionId;

/// What a backup consists of. Text, one thing a line, closed by the checksum of all lines before:
///
/// ```
/// mailstead backup 1
/// partition <id, escaped> <version> <dump file> <SHA-256>
/// blob <id> <length> <SHA-256> <holder> <holder> …     (holders by their place in the list above, from 0)
/// end <SHA-256>
/// ```
///
/// It is replaced by a rename when all that it names is durable, so that a backup that was
/// interrupted leaves the one before it readable.
record Manifest(NavigableMap<PartitionId, Dump> partitions, NavigableMap<BlobId, BlobFile> blobs) {
  static final String FILE = "manifest";
  private static final String FIRST_WORDS = "mailstead backup ";
  private static final int FORMAT = 1;

  /// A partition's rows in a file.
  record Dump(long version, String file, String checksum) {}

  /// A blob in its own file.
  record BlobFile(long length, String checksum, NavigableSet<PartitionId> holders) {}

  static Manifest empty() {
    return new Manifest(new TreeMap<>(), new TreeMap<>());
  }

  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /// @throws BackupException missing, damaged or newer
  static Manifest read(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      int end = text.lastIndexOf("end ");
      if (!text.startsWith(FIRST_WORDS) || end < 0) {
        throw new BackupException("backup manifest " + file + " is damaged");
      }
      String first = text.lines().findFirst().orElse("");
      if (!first.equals(FIRST_WORDS + FORMAT)) {
        throw new BackupException("backup manifest " + file + " is of another version: " + first);
      }
      String body = text.substring(0, end);
      if (!text.substring(end).equals("end " + Checksum.of(body) + "\n")) {
        throw new BackupException("backup manifest " + file + " is damaged: its checksum is wrong");
      }
      return parse(body.lines().skip(1).toList());
    } catch (IOException e) {
      throw new BackupException("backup manifest " + file + " cannot be read", e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new BackupException("backup manifest " + file + " is damaged", e);
    }
  }

  private static Manifest parse(List<String> lines) {
    Manifest manifest = empty();
    List<PartitionId> names = new ArrayList<>();
    for (String line : lines) {
      List<String> words = List.of(line.split(" ", -1));
      switch (words.get(0)) {
        case "partition" -> {
          PartitionId partition = new PartitionId(unescape(words.get(1)));
          names.add(partition);
          manifest.partitions.put(
              partition, new Dump(Long.parseLong(words.get(2)), words.get(3), words.get(4)));
        }
        case "blob" -> {
          NavigableSet<PartitionId> holders = new TreeSet<>();
          for (String holder : words.subList(4, words.size())) {
            holders.add(names.get(Integer.parseInt(holder)));
          }
          manifest.blobs.put(
              BlobId.parse(words.get(1)),
              new BlobFile(Long.parseLong(words.get(2)), words.get(3), holders));
        }
        default -> throw new IllegalArgumentException("unknown line");
      }
    }
    return manifest;
  }

  /// Replaces the manifest of the folder, durably.
  void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder(FIRST_WORDS).append(FORMAT).append('\n');
    NavigableMap<PartitionId, Integer> places = new TreeMap<>();
    partitions.forEach((partition, dump) -> {
      places.put(partition, places.size());
      text.append("partition ").append(escape(partition.value())).append(' ');
      text.append(dump.version).append(' ').append(dump.file).append(' ');
      text.append(dump.checksum).append('\n');
    });
    blobs.forEach((blob, file) -> {
      text.append("blob ").append(blob).append(' ').append(file.length).append(' ');
      text.append(file.checksum);
      for (PartitionId holder : file.holders) text.append(' ').append(places.get(holder));
      text.append('\n');
    });
    String body = text.toString();
    byte[] octets = (body + "end " + Checksum.of(body) + "\n").getBytes(StandardCharsets.UTF_8);
    DurableFiles.write(folder.resolve(FILE), octets);
  }

  private static String escape(String name) {
    return name.replace("%", "%25").replace(" ", "%20").replace("\u007F", "%7F");
  }

  private static String unescape(String name) {
    return name.replace("%7F", "\u007F").replace("%20", " ").replace("%25", "%");
  }
}
