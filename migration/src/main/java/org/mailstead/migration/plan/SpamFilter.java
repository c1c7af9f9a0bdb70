package org.mailstead.migration.plan;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.transfer.FolderPair;
import org.mailstead.migration.transfer.ItemFilter;

/// Leaves out what nobody wants to take along (MIG-8). Nothing is left out unless the settings say
/// so, and each item that is has its line in the report.
///
/// @param spamHeaders leave out what is marked as spam (`X-Spam-Status: Yes` and its kin)
/// @param junkFolders leave out the junk folder
/// @param trashFolders leave out the trash folder
/// @param before leave out what was received earlier
/// @param since leave out what was received later: for a first part of a move
public record SpamFilter(
    boolean spamHeaders,
    boolean junkFolders,
    boolean trashFolders,
    Optional<Instant> before,
    Optional<Instant> since,
    long itemBytesMax)
    implements ItemFilter {
  private static final List<String> YES_FIELDS = List.of("X-Spam-Flag", "X-Spam-Status", "X-Spam");

  public static SpamFilter off() {
    return new SpamFilter(false, false, false, Optional.empty(), Optional.empty(), Long.MAX_VALUE);
  }

  @Override
  public Optional<String> leaveOut(FolderPair folder, ItemSummary item) {
    if (junkFolders && folder.role() == FolderRole.JUNK) return Optional.of("in the junk folder");
    if (trashFolders && folder.role() == FolderRole.TRASH) return Optional.of("in the trash");
    boolean dated = !item.received().equals(ItemSummary.NO_DATE);
    if (dated && before.filter(item.received()::isBefore).isPresent()) {
      return Optional.of("older than the settings ask for");
    }
    if (dated && since.filter(item.received()::isAfter).isPresent()) {
      return Optional.of("newer than the settings ask for");
    }
    if (item.sizeBytes() > itemBytesMax) return Optional.of("larger than the settings ask for");
    return Optional.empty();
  }

  @Override
  public Optional<String> leaveOut(FolderPair folder, ItemSummary item, Content content) {
    if (!spamHeaders) return Optional.empty();
    HeaderFields header = org.mailstead.migration.item.CanonicalText.header(content);
    for (String name : YES_FIELDS) {
      Optional<String> value = header.find(name);
      if (value.isPresent() && value.get().toLowerCase(Locale.ROOT).startsWith("yes")) {
        return Optional.of("marked as spam by " + name);
      }
    }
    // Amazon SES marks so what WorkMail received.
    if (header.find("X-SES-Spam-Verdict").filter("FAIL"::equalsIgnoreCase).isPresent()) {
      return Optional.of("marked as spam by X-SES-Spam-Verdict");
    }
    return Optional.empty();
  }
}
