package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;

/// Gmail's labels as folders, and All Mail, which has everything once more.
final class GmailTest {
  private static final List<ScriptedGmail.Message> MESSAGES =
      List.of(
          new ScriptedGmail.Message(1, List.of("\\Inbox", "Work")),
          new ScriptedGmail.Message(2, List.of()),
          new ScriptedGmail.Message(3, List.of("\\Sent", "\\Important")),
          // Archived, with marks and a label that is hidden from IMAP: nowhere else to be found.
          new ScriptedGmail.Message(4, List.of("\\Starred", "\\Important", "\"Hidden label\"")),
          new ScriptedGmail.Message(5, List.of("Work")));

  @TempDir Path folder;

  private Map<String, List<String>> ids(AllMail allMail) throws IOException {
    Map<String, List<String>> ids = new TreeMap<>();
    try (ScriptedGmail server = new ScriptedGmail(MESSAGES);
        ImapMailbox mailbox =
            new ImapMailbox(
                new ImapServerAddress(
                    "127.0.0.1",
                    server.port(),
                    ImapServerAddress.Security.PLAIN,
                    Optional.empty(),
                    Provider.GMAIL,
                    Duration.ofSeconds(10),
                    allMail),
                new ImapLogin.Password("ann", new Secret("secret")),
                new ContentSpool(folder, 1 << 20))) {
      for (MailFolder each : mailbox.folders()) {
        if (!each.isSelectable()) continue;
        List<ItemSummary> items =
            ((FolderListing.Complete) mailbox.list(each, Optional.empty())).items();
        ids.put(each.path().text(), items.stream().map(ItemSummary::id).toList());
        try (ItemReader reader = mailbox.read(each, items)) {
          for (ItemSummary item : items) {
            assertThat(reader.next()).as(item.id()).get().isInstanceOf(ReadItem.Found.class);
          }
        }
      }
    }
    return ids;
  }

  @Test
  void allMailKeepsWhatIsNowhereElse() throws IOException {
    assertThat(ids(AllMail.UNLABELLED))
        .isEqualTo(
            Map.of(
                "INBOX", List.of("1"),
                "Work", List.of("1", "5"),
                "[Gmail]/Sent Mail", List.of("3"),
                "[Gmail]/All Mail", List.of("2", "4")));
  }

  @Test
  void allMailGoesAlongWholeOrNotAtAllIfThatIsWanted() throws IOException {
    assertThat(ids(AllMail.EVERYTHING))
        .containsEntry("[Gmail]/All Mail", List.of("1", "2", "3", "4", "5"));
    assertThat(ids(AllMail.SKIP)).containsOnlyKeys("INBOX", "Work", "[Gmail]/Sent Mail");
  }
}
