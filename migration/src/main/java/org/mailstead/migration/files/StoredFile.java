package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.Dates;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.ItemSummary;

/// One message in a file of its own.
record StoredFile(Path path, long length) implements Content {
  private static final int HEADER_BYTES = 64 << 10;

  /// Empty if there is no such file.
  static Optional<Content> open(Path path) throws IOException {
    try {
      return Optional.of(new StoredFile(path, Files.size(path)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public ByteBuffer buffer() {
    if (length == 0) return ByteBuffer.allocate(0);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map " + path, e);
    }
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(path);
  }

  @Override
  public void close() {}

  /// Writes a message so that it is there whole and durably, or not at all.
  static void write(Path temporary, Path target, Content content, Instant received)
      throws IOException {
    try (InputStream in = content.open();
        FileChannel channel =
            FileChannel.open(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream out = java.nio.channels.Channels.newOutputStream(channel)) {
      in.transferTo(out);
      channel.force(true);
    }
    if (!received.equals(ItemSummary.NO_DATE)) {
      Files.setLastModifiedTime(temporary, FileTime.from(received));
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
  }

  static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// When a message was received, as its header tells: the topmost Received, then Date.
  static Optional<Instant> received(InputStream message) throws IOException {
    HeaderFields header = CanonicalText.header(Content.of(message.readNBytes(HEADER_BYTES)));
    Optional<String> trace = header.find("Received");
    if (trace.isPresent()) {
      String text = trace.get();
      int semicolon = text.lastIndexOf(';');
      Optional<Instant> moment =
          semicolon < 0
              ? Optional.empty()
              : Dates.parse(text.substring(semicolon + 1)).map(d -> d.toInstant());
      if (moment.isPresent()) return moment;
    }
    return header.find("Date").flatMap(Dates::parse).map(d -> d.toInstant());
  }
}
