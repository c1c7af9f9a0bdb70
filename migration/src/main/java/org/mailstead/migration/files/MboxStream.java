package org.mailstead.migration.files;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;

/// An mbox that is no file: a stream that can be opened again. It is read once for the listing and
/// once for the messages, both times from front to back; nothing is sought and at most one message
/// is held.
public final class MboxStream implements Source {
  private final String name;
  private final MboxInput input;
  private final ContentSpool spool;

  /// @param name the same in every run
  public MboxStream(String name, MboxInput input, ContentSpool spool) {
    this.name = name;
    this.input = input;
    this.spool = spool;
  }

  @Override
  public String identity() {
    return "mbox " + name;
  }

  @Override
  public List<MailFolder> folders() {
    return List.of(
        new MailFolder(name, FolderPath.INBOX, FolderRole.INBOX, "", -1, -1, true, true));
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) throws IOException {
    return new FolderListing.Complete(MboxReader.list(input, 0, _ -> {}, true), "");
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new MboxReader(input, items, id -> Optional.of(Long.parseLong(id)), spool, true);
  }

  @Override
  public void close() {}
}
