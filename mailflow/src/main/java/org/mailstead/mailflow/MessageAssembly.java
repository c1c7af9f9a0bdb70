package org.mailstead.mailflow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.formats.mime.HeaderFields;

/// A message with lines put before it and fields left out; every other octet as it came.
final class MessageAssembly {
  private static final int COPY_BYTES = 65536;

  private final Path spoolFolder;

  MessageAssembly(Path spoolFolder) {
    this.spoolFolder = spoolFolder;
  }

  /// @param removed fields of the message's header, in order
  Content assemble(String prefix, Content message, List<HeaderFields.Field> removed) {
    return assemble(prefix, message, removed, "");
  }

  /// @param suffix what follows the message
  Content assemble(
      String prefix, Content message, List<HeaderFields.Field> removed, String suffix) {
    byte[] before = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] after = suffix.getBytes(StandardCharsets.UTF_8);
    ByteBuffer source = message.buffer();
    List<int[]> kept = new ArrayList<>();
    int from = 0;
    for (HeaderFields.Field field : removed) {
      kept.add(new int[] {from, (int) field.start()});
      from = (int) field.end();
    }
    kept.add(new int[] {from, source.limit()});
    long length = before.length + (long) after.length;
    for (int[] part : kept) length += part[1] - part[0];
    if (length <= MailflowLimits.ASSEMBLED_MEMORY_BYTES_MAX) {
      byte[] bytes = new byte[(int) length];
      System.arraycopy(before, 0, bytes, 0, before.length);
      int at = before.length;
      for (int[] part : kept) {
        source.get(part[0], bytes, at, part[1] - part[0]);
        at += part[1] - part[0];
      }
      System.arraycopy(after, 0, bytes, at, after.length);
      return Content.of(bytes);
    }
    try (ContentSpool.Writer writer =
        new ContentSpool(spoolFolder, MailflowLimits.ASSEMBLED_MEMORY_BYTES_MAX).newWriter()) {
      writer.write(before, 0, before.length);
      byte[] buffer = new byte[COPY_BYTES];
      for (int[] part : kept) {
        for (int at = part[0]; at < part[1]; ) {
          int count = Math.min(COPY_BYTES, part[1] - at);
          source.get(at, buffer, 0, count);
          writer.write(buffer, 0, count);
          at += count;
        }
      }
      writer.write(after, 0, after.length);
      return writer.finish();
    }
  }
}
