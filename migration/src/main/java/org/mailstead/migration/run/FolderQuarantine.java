package org.mailstead.migration.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.transfer.Quarantine;

/// Keeps what cannot be moved in a folder: the message as the source gave it, and its reason beside
/// it.
public record FolderQuarantine(Path folder) implements Quarantine {
  @Override
  public void keep(FolderPath path, ItemSummary item, Optional<Content> content, String reason)
      throws IOException {
    // The hash keeps apart what the readable part does not.
    String name =
        "%s-%08x-%s"
            .formatted(
                path.text().replaceAll("[^A-Za-z0-9._-]", "_"),
                (path.text() + "\u0000" + item.id()).hashCode(),
                safe(item.id()));
    Files.createDirectories(folder);
    if (content.isPresent()) {
      Path temporary = folder.resolve(name + ".part");
      try (InputStream in = content.get().open()) {
        Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
      }
      try (var channel =
          java.nio.channels.FileChannel.open(temporary, java.nio.file.StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, folder.resolve(name + ".eml"), StandardCopyOption.REPLACE_EXISTING);
    }
    String text =
        "folder: %s\nid: %s\nflags: %s\nreceived: %s\nreason: %s\n"
            .formatted(path, item.id(), String.join(" ", item.flags()), item.received(), reason);
    Files.write(folder.resolve(name + ".txt"), text.getBytes(StandardCharsets.UTF_8));
  }

  private static String safe(String id) {
    String text = id.replaceAll("[^A-Za-z0-9._-]", "_");
    return text.length() > 80 ? text.substring(text.length() - 80) : text;
  }
}
