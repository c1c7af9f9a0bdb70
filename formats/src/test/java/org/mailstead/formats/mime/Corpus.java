package org.mailstead.formats.mime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The messages that tests are run over: our own in the resources, and the corpus folder named by
/// -Dmailstead.corpus or ../shared/corpus beside the repository, where it is.
final class Corpus {
  private Corpus() {}

  record Sample(String name, byte[] octets) {
    ByteBuffer buffer() {
      return ByteBuffer.wrap(octets);
    }

    MimePart structure() {
      return MessageScanner.scan(buffer());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Sample> own() {
    try {
      return read(Path.of(Objects.requireNonNull(Corpus.class.getResource("/corpus")).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Empty, with a printed message, where the folder is not.
  static List<Sample> external() {
    String property = System.getProperty("mailstead.corpus", "");
    Path folder = property.isEmpty() ? repository().resolve("../shared/corpus") : Path.of(property);
    Path messages = folder.resolve("eml");
    if (!Files.isDirectory(messages)) {
      System.out.println("skipped: no corpus folder (set -Dmailstead.corpus)");
      return List.of();
    }
    return read(messages);
  }

  static List<Sample> all() {
    var all = new ArrayList<>(own());
    all.addAll(external());
    return all;
  }

  static Sample sample(String name) {
    return own().stream()
        .filter(sample -> sample.name().equals(name + ".eml"))
        .findFirst()
        .orElseThrow();
  }

  static byte[] octets(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// A structure of text with LF line ends, which become CRLF.
  static MimePart scan(String latin1) {
    return MessageScanner.scan(ByteBuffer.wrap(octets(latin1.replace("\n", "\r\n"))));
  }

  static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("LICENSE"))) {
      folder = Objects.requireNonNull(folder.getParent(), "a folder with LICENSE");
    }
    return folder;
  }

  private static List<Sample> read(Path folder) {
    try (var files = Files.list(folder)) {
      var samples = new ArrayList<Sample>();
      for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        if (name.endsWith(".eml")) samples.add(new Sample(name, Files.readAllBytes(file)));
      }
      return samples;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
