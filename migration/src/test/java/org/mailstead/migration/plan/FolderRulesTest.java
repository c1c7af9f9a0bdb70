package org.mailstead.migration.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;

final class FolderRulesTest {
  private static MailFolder folder(String path, FolderRole role) {
    return new MailFolder(path, FolderPath.parse(path), role, "1", 3, -1, true, true);
  }

  private static MailFolder folder(String path) {
    FolderPath parsed = FolderPath.parse(path);
    return folder(path, parsed.isInbox() ? FolderRole.INBOX : FolderRole.NONE);
  }

  private static Map<String, String> map(
      FolderRules rules, List<MailFolder> source, List<MailFolder> target) {
    Map<String, String> mapped = new TreeMap<>();
    rules
        .map(source, target)
        .pairs()
        .forEach(pair -> mapped.put(pair.source().path().text(), pair.target().text()));
    return mapped;
  }

  @Test
  void specialFoldersMeetTheirCounterparts() {
    List<MailFolder> source =
        List.of(
            folder("INBOX"),
            folder("Gesendete Objekte"),
            folder("Gesendete Objekte/2019"),
            folder("Papierkorb"),
            folder("Entwürfe"),
            folder("Projekte"));
    List<MailFolder> target =
        List.of(
            folder("INBOX"),
            folder("Sent Items", FolderRole.SENT),
            folder("Deleted Items", FolderRole.TRASH));
    assertThat(map(FolderRules.none(), source, target))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "INBOX", "INBOX",
                "Gesendete Objekte", "Sent Items",
                "Gesendete Objekte/2019", "Sent Items/2019",
                "Papierkorb", "Deleted Items",
                "Entwürfe", "Drafts",
                "Projekte", "Projekte"));
  }

  @Test
  void whatTheServerSaysCountsMoreThanAName() {
    List<MailFolder> source =
        List.of(folder("Verschickt", FolderRole.SENT), folder("Sent"), folder("送信済みアイテム"));
    Map<String, String> mapped =
        map(FolderRules.none(), source, List.of(folder("Sent Items", FolderRole.SENT)));
    assertThat(mapped)
        .containsEntry("Verschickt", "Sent Items")
        .containsEntry("Sent", "Sent")
        .containsEntry("送信済みアイテム", "送信済みアイテム");
  }

  @Test
  void overridesComeFirstAndCarryWhatIsBelow() {
    FolderRules rules =
        new FolderRules(
            Map.of("A", "B/C", "Lists", "-"), List.of("Spam*"), Optional.empty(), false);
    List<MailFolder> source =
        List.of(folder("A"), folder("A/x"), folder("Lists"), folder("Lists/y"), folder("Spam 2"));
    assertThat(map(rules, source, List.of()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("A", "B/C", "A/x", "B/C/x"));
    assertThat(rules.unused(List.of(folder("A")))).containsExactly("Lists");
  }

  @Test
  void namesThatDifferInCaseOnlyAreKeptApartWhereTheTargetCannot() {
    FolderRules rules = new FolderRules(Map.of(), List.of(), Optional.empty(), true);
    FolderRules.Mapped mapped = rules.map(List.of(folder("Work"), folder("work")), List.of());
    assertThat(mapped.pairs().get(1).target().text()).isEqualTo("work (2)");
    assertThat(mapped.notes().toString()).contains("differs in case only");
  }

  @Test
  void aSlashInANameIsNoSeparator() {
    FolderPath path = FolderPath.of("Ein/Aus", "50%");
    assertThat(path.text()).isEqualTo("Ein%2FAus/50%25");
    assertThat(FolderPath.parse(path.text())).isEqualTo(path);
  }
}
