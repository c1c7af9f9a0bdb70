package org.mailstead.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import tools.jackson.databind.node.ObjectNode;

/// Lines of a manifest, collected in the spool.
final class ZipManifest implements AutoCloseable {
  private final ContentSpool.Writer writer;
  private Optional<Content> content = Optional.empty();

  ZipManifest(ContentSpool spool) {
    this.writer = spool.newWriter();
  }

  void add(ObjectNode line) {
    byte[] octets = (line + "\n").getBytes(StandardCharsets.UTF_8);
    writer.write(octets, 0, octets.length);
  }

  /// Ends it.
  InputStream open() throws IOException {
    Content whole = writer.finish();
    content = Optional.of(whole);
    return whole.open();
  }

  @Override
  public void close() {
    content.ifPresent(Content::close);
    writer.close();
  }
}
