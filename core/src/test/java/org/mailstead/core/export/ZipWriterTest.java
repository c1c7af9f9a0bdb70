package org.mailstead.core.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.ContentSpool;

@DisplayName("MIG-10: zip files that others open")
final class ZipWriterTest {
  private static final Instant TIME = Instant.parse("2026-03-04T05:06:07Z");

  @TempDir Path folder;

  private static void add(ZipWriter zip, String name, String text) throws Exception {
    zip.add(name, TIME, new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  @Test
  void filesComeBackWithTheirNamesAndTimes() throws Exception {
    Path file = folder.resolve("a.zip");
    try (var out = Files.newOutputStream(file);
        var zip = new ZipWriter(out, new ContentSpool(folder, 10))) {
      add(zip, "Entwürfe/0000000001.eml", "erste");
      add(zip, "empty", "");
      add(zip, "large", "0123456789".repeat(100_000));
      zip.finish();
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.size()).isEqualTo(3);
      var entry = zip.getEntry("Entwürfe/0000000001.eml");
      assertThat(zip.getInputStream(entry).readAllBytes()).asString(UTF_8).isEqualTo("erste");
      assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(TIME);
      assertThat(zip.getInputStream(zip.getEntry("empty")).readAllBytes()).isEmpty();
      assertThat(zip.getEntry("large").getSize()).isEqualTo(1_000_000);
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("a.zip");
    }
  }

  @Test
  void moreFilesThanTheOldFormatCounts() throws Exception {
    Path file = folder.resolve("many.zip");
    int count = 66_000;
    try (var out = new BufferedOutputStream(Files.newOutputStream(file));
        var zip = new ZipWriter(out, new ContentSpool(folder, 1 << 20))) {
      for (int i = 0; i < count; i++) add(zip, "f/" + i, "x");
      zip.finish();
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.size()).isEqualTo(count);
      assertThat(zip.getInputStream(zip.getEntry("f/65999")).readAllBytes()).hasSize(1);
    }
  }

  @Test
  void placesBehindFourGigabytes() throws Exception {
    Path file = folder.resolve("far.zip");
    long hole = 5L << 30;
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.seek(hole);
      var out = Channels.newOutputStream(sparse.getChannel());
      try (var zip = new ZipWriter(out, new ContentSpool(folder, 1 << 20), hole)) {
        add(zip, "far/away", "still here");
        zip.finish();
      }
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.getInputStream(zip.getEntry("far/away")).readAllBytes())
          .asString(UTF_8)
          .isEqualTo("still here");
    }
    Files.delete(file);
  }
}
