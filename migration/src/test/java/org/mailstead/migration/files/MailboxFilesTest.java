package org.mailstead.migration.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;

final class MailboxFilesTest {
  @TempDir Path folder;

  private ContentSpool spool() {
    return new ContentSpool(folder, 1 << 16);
  }

  private static void fill(Target target) throws IOException {
    for (String path : List.of("INBOX", "Größe & %2F/a.b", "Sent")) {
      MailFolder box = target.ensureFolder(FolderPath.parse(path), FolderRole.NONE, true);
      try (ItemWriter writer = target.write(box)) {
        List<NewItem> batch = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          Set<String> flags = i == 0 ? Set.of() : Set.of("\\Seen", "\\Flagged", "$Label" + i);
          batch.add(
              new NewItem(
                  Content.of(("Subject: same\r\n\r\n" + i / 2).getBytes(StandardCharsets.UTF_8)),
                  flags,
                  Instant.ofEpochSecond(1_600_000_000L + i)));
        }
        writer.send(batch);
        assertThat(writer.receive()).hasSize(3);
      }
    }
  }

  private static TreeSet<String> picture(Source source) throws IOException {
    TreeSet<String> all = new TreeSet<>();
    for (MailFolder box : source.folders()) {
      FolderListing.Complete listing = (FolderListing.Complete) source.list(box, Optional.empty());
      try (ItemReader reader = source.read(box, listing.items())) {
        for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
          ReadItem.Found found = (ReadItem.Found) next.get();
          try (var in = found.content().open()) {
            all.add(
                box.path()
                    + " "
                    + new TreeSet<>(found.summary().flags())
                    + " "
                    + found.summary().received()
                    + " "
                    + new String(in.readAllBytes(), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return all;
  }

  @Test
  void aTreeOfFilesAndAMaildirKeepEverything() throws IOException {
    try (EmlTree tree = new EmlTree(folder.resolve("tree"));
        Maildir maildir = new Maildir(folder.resolve("maildir"))) {
      fill(tree);
      fill(maildir);
      assertThat(picture(tree)).hasSize(9).isEqualTo(picture(maildir));
      // Read by somebody who comes later.
      assertThat(picture(new Maildir(folder.resolve("maildir")))).isEqualTo(picture(tree));
    }
  }

  @Test
  void flagsChangeAndMessagesGo() throws IOException {
    for (Target target :
        List.of(new EmlTree(folder.resolve("t")), new Maildir(folder.resolve("m")))) {
      fill(target);
      MailFolder inbox = target.folders().getFirst();
      List<ItemSummary> items = target.listSince(inbox, "");
      target.setFlags(inbox, List.of(items.get(0).id()), Set.of("\\Answered", "neu"));
      target.remove(inbox, List.of(items.get(1).id(), "not there"));
      List<ItemSummary> after = target.listSince(inbox, "");
      assertThat(after).hasSize(2);
      assertThat(after.getFirst().flags()).containsExactlyInAnyOrder("\\Answered", "neu");
    }
  }

  @Test
  void anExportIsAZipOfFolders() throws IOException {
    Path file = folder.resolve("export.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String name : List.of("Inbox/1.eml", "Inbox/2.EML", "Sent Items/x/3.eml", "note.txt")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(
            ("Received: from a by b; Tue, 2 Jan 2024 03:04:05 +0100\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: "
                    + name
                    + "\r\n\r\nx\r\n")
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    try (ZipTree zip = new ZipTree(file, spool())) {
      TreeSet<String> all = picture(zip);
      assertThat(all).hasSize(3);
      assertThat(all.first()).startsWith("INBOX [\\Seen] 2024-01-02T02:04:05Z Received:");
      assertThat(all.last()).startsWith("Sent Items/x ");
    }
  }

  @Test
  void anMboxIsSplitAtRealSeparatorsOnly() throws IOException {
    Path file = folder.resolve("box");
    Files.writeString(
        file,
        """
        From a@b Tue Jan  2 03:04:05 2024
        Subject: one
        Status: RO
        X-Status: F

        From here on it is text.

        From the sea, in 2024, came nothing
        >From quoted
        >>From quoted twice

        From - Wed Jan  3 04:05:06 2024
        Subject: two

        last
        """);
    try (Mbox mbox = new Mbox(file, spool())) {
      List<String> all = List.copyOf(picture(mbox));
      assertThat(all).hasSize(2);
      assertThat(all.get(0))
          .startsWith("INBOX [\\Flagged, \\Seen] 2024-01-02T03:04:05Z Subject: one\r\n")
          .endsWith("came nothing\r\nFrom quoted\r\n>From quoted twice\r\n");
      assertThat(all.get(1)).endsWith("Subject: two\r\n\r\nlast\r\n");
    }
  }
}
